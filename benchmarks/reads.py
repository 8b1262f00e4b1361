"""What is asked of the database all day, and once a year: in a county and in a hundredth of one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from benchmarks import county
from benchmarks.chats import A_MORNING
from benchmarks.table import Row
from storage import areas, figures, posts, tasks
from storage.areas import Area, Level
from storage.opening import open_database
from storage.posts import Post, Role

ROUNDS, CALLS = 5, 200
GROWTH = 2.0

Ask = Callable[[Session], object]


def rows() -> list[Row]:
    """A row for each question."""
    folder, *paths = county.counties()
    engines = [open_database(f"sqlite:///{path}", folder / "key")[0] for path in paths]
    small, whole = engines
    found = [
        _row("serving(role, area), p99", _serving, small, whole, GROWTH, part=0.99),
        _row("my tasks, p99", _tasks, small, whole, GROWTH, part=0.99),
        _row("三率 of a year, the county's report, median", _report, small, whole, None),
    ]
    for engine in engines:
        engine.dispose()
    return found


def _serving(engine: Engine, dice: random.Random) -> list[Ask]:
    with Session(engine) as session:
        homes = list(session.scalars(select(Area.id).where(Area.level == Level.HOUSEHOLD)))
    roles = [Role.GRID_WORKER, Role.LIAISON, Role.COMMUNITY_OFFICER]

    def ask(role: Role, home: int) -> Ask:
        return lambda session: posts.serving(session, role, home, A_MORNING)

    return [ask(dice.choice(roles), dice.choice(homes)) for _ in range(CALLS)]


def _tasks(engine: Engine, dice: random.Random) -> list[Ask]:
    with Session(engine) as session:
        wanted = select(Post.person_id).where(Post.role == Role.GRID_WORKER).distinct()
        workers = list(session.scalars(wanted))

    def ask(worker: int) -> Ask:
        return lambda session: tasks.of_worker(session, worker)

    return [ask(dice.choice(workers)) for _ in range(CALLS)]


def _report(engine: Engine, _dice: random.Random) -> list[Ask]:
    with Session(engine) as session:
        root = areas.county(session)
        assert root is not None
        scope = figures.Scope(A_MORNING - timedelta(days=365), A_MORNING, area_id=root.id)
    return [lambda session: figures.report(session, scope, A_MORNING)]


def _row(
    what: str,
    questions: Callable[[Engine, random.Random], list[Ask]],
    small: Engine,
    whole: Engine,
    growth: float | None,
    *,
    part: float = 0.5,
) -> Row:
    little, much = [], []
    for seed in range(ROUNDS):
        little.append(_time(small, questions(small, random.Random(seed)), part))
        much.append(_time(whole, questions(whole, random.Random(seed)), part))
    grown = median(much) / median(little)
    return Row(
        what,
        f"{median(much):.2f} ms",
        f"{median(little):.2f} ms (1/100 of the data)",
        f"{grown:.2f}",
        f"≤ {growth:g} ×" if growth else "reported",
        grown <= growth if growth else None,
    )


def _time(engine: Engine, asks: list[Ask], part: float) -> float:
    """Milliseconds of the percentile `part`; each question in a session of its own."""
    times = []
    for ask in asks:
        reading = engine.connect().execution_options(reads=True)
        with reading as connection, Session(connection) as session:
            began = time.perf_counter()
            ask(session)
            times.append(1000 * (time.perf_counter() - began))
    times.sort()
    return times[min(len(times) - 1, int(part * len(times)))]
