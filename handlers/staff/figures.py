"""数据 / 三率 / 报表: which time, which place; the report comes when it is counted.

Counting is not done here: a message must not wait for it. What is asked is written down as a job
(storage/report_jobs.py); `compose` makes the answer on another thread, the program sends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from handlers.questions import Option, Pick
from handlers.registry import action, command, conversation
from handlers.staff import figure_views as views
from handlers.staff import figures_asked
from handlers.staff.figure_views import Reader, ReportView, Row
from handlers.staff.spans import NAMED, OTHER, Days, When, days_of, stored
from handlers.talk import Desk, Do, Talk
from storage import areas, audit, figures, permissions, report_jobs
from storage.areas import Level
from storage.figures import COUNTS, RATES, RUNG, SHARES, Scope

OWN = 0
"""The answer to "where" that means what the speaker has, or had last."""
PAGE = 8
KINDS_OF_PARTS = ("area", "service", "worker", "period")
HEAVY = ("picture", "workbook")
"""What takes so long that it is said to be under way."""
ASKED = ("compare", "homes", "slowest")
"""What no button leads to: it is asked for in words."""
VIEWS = (*HEAVY, "keys", "parts", "list", "by")


@command("report")
def report(talk: Talk) -> None:
    """数据, 三率, 报表: asks for when and where."""
    talk.begin("report")


@conversation("report")
def which_report(talk: Talk) -> None:
    """Which time, which place; then it is being counted. args: what to show of it, and whether who
    has one place needs not be asked, or of whom it is (handlers/staff/asked_figures.py)."""
    names = [Option(name, talk.word(f"span.{name}")) for name in (*NAMED, OTHER)]
    when = talk.ask("when", When("report/when", names))
    if when == OTHER:
        days = talk.ask("days", Days("report/days"))
        when = stored(*map(date.fromisoformat, days))
    since, until = days_of(when, talk.now, talk.zone)
    if "worker" in talk.args:
        scope = Scope(since, until, area_id=talk.args["area"], worker=talk.args["worker"])
        order(talk, scope, **talk.args["what"])
        return
    choices, typed = places(talk)
    where = OWN
    if choices:
        own = Option(OWN, talk.word("span.own"))
        assumed = choices[0].value if talk.args.get("plain") and len(choices) == 1 else None
        where = talk.ask("where", Pick("report/where", [*choices, own], typed), assume=assumed)
    scope = Scope(since, until, area_id=where or None, worker=None if where else talk.person.id)
    order(talk, scope, **talk.args.get("what", {"view": "picture"}))


def places(talk: Talk) -> tuple[list[Option], list[Option]]:
    """The places of the speaker's posts to press, and the ones beneath that may be typed."""
    ids = permissions.areas_for(talk.session, "figures", talk.person.id, talk.now)
    own = [areas.get(talk.session, area_id) for area_id in ids]
    beneath = [
        area
        for place in own
        if place.level in (Level.COUNTY, Level.COMMUNITY)
        for area in areas.beneath(talk.session, place, (Level.COMMUNITY, Level.COMPOUND))
        if area.id not in ids
    ]
    titles = areas.titles(talk.session, [*own, *beneath])
    return (
        [Option(area.id, titles[area.id]) for area in own[:PAGE]],
        [Option(area.id, titles[area.id]) for area in (*own[PAGE:], *beneath)],
    )


def order(talk: Talk, scope: Scope, view: str, **more: Any) -> None:
    """Write down what is to be counted for this chat."""
    if not views.may_read(talk, Reader(talk.person.id), scope):
        talk.say("desk/not_allowed")
        return
    what = {"scope": scope.as_json(), "view": view, **more}
    report_jobs.ask(talk.session, talk.account.id, what, talk.now)
    if view in HEAVY:
        talk.say("report/working", view=view)


@action("figures")
def area_figures(talk: Talk, area: int, scope: dict[str, Any], view: str, **more: Any) -> None:
    """A button under figures of an area."""
    if view in VIEWS:
        order(talk, replace(Scope.from_json(scope), area_id=area), view, **more)


@action("my_figures")
def own_figures(talk: Talk, scope: dict[str, Any], view: str, **more: Any) -> None:
    """A button under the speaker's own figures."""
    if view in VIEWS:
        mine = replace(Scope.from_json(scope), area_id=None, worker=talk.person.id)
        order(talk, mine, view, **more)


@dataclass(slots=True)
class Answer:
    """What to say to a job. report: what the picture or the workbook is made of."""

    template: str
    facts: dict[str, Any] = field(default_factory=dict)
    options: list[Do] = field(default_factory=list)
    report: ReportView | None = None


def button(scope: Scope, label: str, view: str, **more: Any) -> Do:
    """A button that asks for another view of some figures."""
    args = {"scope": scope.as_json(), "view": view, **more}
    if scope.area_id is None:
        return Do("my_figures", args, label)
    return Do("figures", {"area": scope.area_id, **args}, label)


def compose(desk: Desk, reader: Reader, what: dict[str, Any]) -> Answer:
    """The answer to a job; only reads. What the reader may not see (any more) is refused."""
    scope = Scope.from_json(what["scope"])
    if not views.may_read(desk, reader, scope):
        return Answer("desk/not_allowed")
    view = what["view"]
    if view == "list":
        return _list(desk, reader, scope, what)
    if view in ASKED:
        return _asked(desk, reader, scope, what)
    if view == "by":
        return _by(desk, reader, scope, what["by"], what.get("page", 0))
    _, found = views.make(desk, reader, scope)
    if view == "keys":
        return _keys(desk, scope, found)
    if view == "parts":
        return _parts(desk, scope, found, what["key"])
    facts = {"r": found, "more": max(0, len(found.excluded) - views.MOST_REASONS)}
    if view == "workbook":
        return Answer("report/workbook", facts, report=found)
    return Answer("report/report", facts, _ways_on(desk, reader, scope, found), found)


def _asked(desk: Desk, reader: Reader, scope: Scope, what: dict[str, Any]) -> Answer:
    """What is asked for in words alone (`figures_asked`)."""
    if what["view"] == "compare":
        other = Scope.from_json({**scope.as_json(), **what["other"]})
        return Answer("report/compare", figures_asked.compared(desk, scope, other))
    area = figures_asked.place(desk, reader.person_id or 0, scope)
    if area is None:
        return Answer("desk/not_allowed")
    if what["view"] == "homes":
        return Answer("report/homes", figures_asked.registered(desk, area))
    return Answer("report/slowest", figures_asked.slowest(desk, scope, area))


def _ways_on(desk: Desk, reader: Reader, scope: Scope, found: ReportView) -> list[Do]:
    ways = [button(scope, desk.word("figure.details"), "keys")]
    level = _below(desk, scope)
    if level and len(found.areas) > 1:
        ways.append(button(scope, desk.word(f"figure.by_{level}"), "by", by="area"))
    if len(found.services) > 1:
        ways.append(button(scope, desk.word("figure.by_service"), "by", by="service"))
    if views.may_read(desk, reader, scope, "figures_by_worker") and found.workers:
        ways.append(button(scope, desk.word("figure.by_worker"), "by", by="worker"))
    ways.append(button(scope, desk.word("figure.by_period"), "by", by="period"))
    ways.append(button(scope, desk.word("figure.workbook"), "workbook"))
    return ways


def _below(desk: Desk, scope: Scope) -> str:
    """The level right beneath a scope's area; empty where comparing its parts makes no sense."""
    if scope.area_id is None:
        return ""
    found = areas.children(desk.session, scope.area_id)
    return found[0].level if found and found[0].level != Level.HOUSEHOLD else ""


def _keys(desk: Desk, scope: Scope, found: ReportView) -> Answer:
    """Every figure, each a button to what it is made of."""
    options = [
        button(scope, _named(desk, line.key, line.top, line.n), "parts", key=line.key)
        for line in (*found.rates, *found.shares)
        if line.n or line.silent
    ]
    options += [
        button(scope, _counted(desk, f"figure.{key}", found.counts[key]), "list", key=key, part="n")
        for key in (*COUNTS, "joined", "excluded")
        if found.counts[key]
    ]
    options += [
        button(
            scope,
            _counted(desk, f"rung.{one.level or 'none'}", one.settled),
            "list",
            key=f"{RUNG}{one.level}",
            part="top",
        )
        for one in found.rungs
        if one.settled
    ]
    return Answer("report/keys", {"r": found, "any": bool(options)}, options)


def _named(desk: Desk, key: str, top: int, n: int) -> str:
    return desk.word("figure.of").format(label=desk.word(f"figure.{key}"), top=top, n=n)


def _counted(desk: Desk, word: str, n: int) -> str:
    return desk.word("figure.counted").format(label=desk.word(word), n=n)


def _parts(desk: Desk, scope: Scope, found: ReportView, key: str) -> Answer:
    """What a rate is made of, each part a button to its list."""
    line = {line.key: line for line in (*found.rates, *found.shares)}[key]
    sizes = {
        "top": line.top, "missed": line.n - line.top, "silent": line.silent, "n": line.n
    }  # fmt: skip
    options = [
        button(scope, _counted(desk, f"part.{key}.{part}", size), "list", key=key, part=part)
        for part, size in sizes.items()
        if size
    ]
    return Answer("report/parts", {"r": found, "line": line, "key": key}, options)


def _list(desk: Desk, reader: Reader, scope: Scope, what: dict[str, Any]) -> Answer:
    """The tickets behind a figure, a page of them; a card's button for those that may be opened."""
    key, part, page = what["key"], what["part"], what.get("page", 0)
    ids = figures.tickets(
        desk.session, scope, key, part, desk.now, offset=page * PAGE, limit=PAGE + 1
    )
    rows = [views.listed(desk, reader, number) for number in ids[:PAGE]]
    shown = [row for row in rows if row is not None]
    one = desk.word("do.one")
    options = [
        Do("card", {"ticket": row.number}, one.format(number=row.number, kind=row.what))
        for row in shown
        if row.opens
    ]
    if len(ids) > PAGE:
        following = {"key": key, "part": part, "page": page + 1}
        options.append(button(scope, desk.word("figure.next_page"), "list", **following))
    facts = {
        "rows": shown,
        "hidden": len(rows) - len(shown),
        "page": page + 1,
        "label": _label(desk, key, part),
    }
    return Answer("report/list", facts, options)


def _label(desk: Desk, key: str, part: str) -> str:
    if key.startswith(RUNG):
        return desk.word(f"rung.{key.removeprefix(RUNG) or 'none'}")
    if key in (*RATES, *SHARES):
        return desk.word(f"part.{key}.{part}")
    return desk.word(f"figure.{key}")


def _by(desk: Desk, reader: Reader, scope: Scope, by: str, page: int) -> Answer:
    """The three rates of each part, a page of parts; an area's and a service's go on from there."""
    if by == "worker" and not views.may_read(desk, reader, scope, "figures_by_worker"):
        return Answer("desk/not_allowed")
    if by == "period":
        rows = views.periods(desk, scope)
        return Answer("report/by", _compared(desk, scope, rows, by, more=False))
    _, found = views.make(desk, reader, scope)
    rows = {"area": found.areas, "service": found.services, "worker": found.workers}[by]
    here = rows[page * PAGE : (page + 1) * PAGE]
    options = [button(_narrowed(scope, by, row), row.name, "picture") for row in here if row.key]
    more = len(rows) > (page + 1) * PAGE
    if more:
        following = {"by": by, "page": page + 1}
        options.append(button(scope, desk.word("figure.next_page"), "by", **following))
    return Answer("report/by", _compared(desk, scope, here, by, more=more), options)


def _narrowed(scope: Scope, by: str, row: Row) -> Scope:
    names = {"area": "area_id", "service": "service", "worker": "worker"}
    return replace(scope, **{names[by]: row.key})  # type: ignore[arg-type]


def _compared(
    desk: Desk, scope: Scope, rows: Sequence[Row], by: str, *, more: bool
) -> dict[str, Any]:
    return {
        "rows": rows,
        "by": by,
        "more": more,
        "place": views.place_of(desk, scope),
        "first": scope.since,
        "last": scope.until - timedelta(microseconds=1),
    }


def send(desk: Desk, person_id: int, what: dict[str, Any]) -> bool:
    """Before a job's answer goes out: whether the person may still have it. A table that leaves the
    chat is written down."""
    scope = Scope.from_json(what["scope"])
    if not views.may_read(desk, Reader(person_id), scope):
        return False
    if what["view"] == "workbook":
        subject = f"area:{scope.area_id}" if scope.area_id else f"person:{person_id}"
        audit.note(desk.session, desk.now, person_id, "export_figures", subject)
    return True
