"""我的任务: what a worker has to do, by when, page by page, each a button to its card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from handlers import course
from handlers.permits import entitled, may
from handlers.registry import action, command
from handlers.staff.cards import options as card_options
from handlers.staff.cards import send_card
from handlers.staff.work import say_who_has_it
from handlers.talk import Do, Talk
from handlers.views import Line, line_of, one_of_many
from storage import areas, called_in, tasks, tickets
from storage.areas import Area
from storage.tasks import Task
from storage.tickets import Status

PAGE = 6
"""Tickets on one page: with the buttons beneath them it is about what a phone shows."""
SOON = timedelta(hours=24)
"""What is due within a day, or should have been done, is 快到期."""
MOST_BUILDINGS = 12

Test = Callable[[Task, datetime], bool]
FILTERS: dict[str, Test] = {
    "soon": lambda t, now: t.due_at is not None and t.due_at <= now + SOON,
    "waiting": lambda t, now: t.status == Status.WAITING,
    "working": lambda t, now: t.status == Status.CLAIMED and not t.paused,
    "paused": lambda t, now: t.paused,
    "resolved": lambda t, now: t.status == Status.RESOLVED,
}
ALL = "all"


@command("tasks")
def my_tasks(talk: Talk) -> None:
    """我的任务: what is due first stands first; counts at the top, filters by button."""
    _show(talk, ALL, 0, None)


@action("tasks_page")
def page_of_tasks(talk: Talk, show: str, page: int, building: int | None = None) -> None:
    """更多, 上一页, or what a filter leaves."""
    _show(talk, show, page, building)


@action("tasks_buildings")
def buildings_of_tasks(talk: Talk) -> None:
    """按楼栋: the buildings with something to do, the most first."""
    found = tasks.of_worker(talk.session, talk.person.id)
    around = tasks.buildings(talk.session, {task.area_id for task in found})
    counts = Counter(around[task.area_id].id for task in found)
    by_id = {area.id: area for area in around.values()}
    names = areas.titles(talk.session, by_id.values())
    most = sorted(counts, key=lambda one: (-counts[one], areas.natural(names[one])))
    label = talk.word("tasks.counted")
    talk.say(
        "staff/tasks_buildings",
        options=[
            Do(
                "tasks_page",
                {"show": ALL, "page": 0, "building": one},
                label.format(name=names[one], count=counts[one]),
            )
            for one in most[:MOST_BUILDINGS]
        ],
        left_out=max(0, len(most) - MOST_BUILDINGS),
    )


def counted(found: list[Task], now: datetime) -> dict[str, int]:
    """How many tasks each filter leaves, and how many are overdue; those of none are left out."""
    counts = {name: sum(test(task, now) for task in found) for name, test in FILTERS.items()}
    late = sum(task.due_at is not None and task.due_at <= now for task in found)
    return {name: count for name, count in {"late": late, **counts}.items() if count}


def _show(talk: Talk, show: str, page: int, building: int | None) -> None:
    found = tasks.of_worker(talk.session, talk.person.id)
    around = tasks.buildings(talk.session, {task.area_id for task in found})
    test = FILTERS.get(show)
    chosen = [
        task
        for task in found
        if (test is None or test(task, talk.now))
        and (building is None or around[task.area_id].id == building)
    ]
    last = max(0, (len(chosen) - 1) // PAGE)
    page = min(max(page, 0), last)
    lines = _lines(talk, chosen[page * PAGE : (page + 1) * PAGE])
    first = page == 0 and show == ALL and building is None
    beside = _called_in_for(talk, {task.number for task in found}) if first else []
    choices = [
        Do("card", {"ticket": line.t.number}, one_of_many(talk, line.t))
        for line in (*lines, *beside)
    ]
    here = {"show": show, **({"building": building} if building is not None else {})}
    if page < last:
        choices.append(Do("tasks_page", {**here, "page": page + 1}, talk.word("tasks.next")))
    if page > 0:
        choices.append(Do("tasks_page", {**here, "page": page - 1}, talk.word("tasks.previous")))
    choices += _filters(talk, found, show, building, around)
    talk.say(
        "staff/tasks",
        lines=lines,
        beside=beside,
        total=len(found),
        counts=counted(found, talk.now),
        show=show,
        building=_name(talk, around, building),
        chosen=len(chosen),
        page=page + 1,
        pages=last + 1,
        options=choices,
    )


def _lines(talk: Talk, shown: list[Task]) -> list[Line]:
    lines = []
    for task in shown:
        ticket = tickets.get(talk.session, task.number)
        if ticket is not None and may(talk, ticket, "card"):
            due = course.due_at(talk, ticket)  # a calendar may have changed since it was planned
            lines.append(line_of(talk, ticket, due))
    return lines


def _called_in_for(talk: Talk, but: set[int]) -> list[Line]:
    """What a colleague asked the speaker to see to as well (催物业, 吹哨); they do not own it."""
    found = [one for one in called_in.open_ones(talk.session, talk.person.id) if one.id not in but]
    shown = [one for one in found[:PAGE] if may(talk, one, "card")]
    return [line_of(talk, one, course.due_at(talk, one)) for one in shown]


def _filters(
    talk: Talk, found: list[Task], show: str, building: int | None, around: dict[int, Area]
) -> list[Do]:
    """Nothing to choose from where all of it stands on one page."""
    if len(found) <= PAGE:
        return []
    counts = counted(found, talk.now)
    label = talk.word("tasks.counted")
    choices = [
        Do(
            "tasks_page",
            {"show": name, "page": 0},
            label.format(name=talk.word(f"tasks.{name}"), count=counts[name]),
        )
        for name in FILTERS
        if name in counts and (name != show or building is not None)
    ]
    if show != ALL or building is not None:
        choices.append(Do("tasks_page", {"show": ALL, "page": 0}, talk.word("tasks.all")))
    if len({area.id for area in around.values()}) > 1:
        choices.append(Do("tasks_buildings"))
    return choices


def _name(talk: Talk, around: dict[int, Area], building: int | None) -> str:
    chosen = next((area for area in around.values() if area.id == building), None)
    return areas.title(talk.session, chosen) if chosen else ""


@action("card")
def show_card(talk: Talk, ticket: int) -> None:
    """A fresh card of a ticket that the speaker serves."""
    found = entitled(talk, ticket, "card")
    if found is not None:
        send_card(talk, found, talk.person.id)
        if not card_options(talk, found, talk.person.id):
            say_who_has_it(talk, found)
