"""`python -m bot audit`: who looked at what, and whether the log is as it was written."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.commands.county import word
from bot.commands.house import open_house, read_settings
from bot.wording import Wording
from handlers.staff.work import PHONE_REASONS
from handlers.views import name_of
from storage import areas, audit, people
from storage.areas import Area
from storage.audit import AuditLine

SHOWN = 50
RECENT = 10_000
"""How many of the newest lines are verified where not all are asked for."""

app = typer.Typer()


@app.command("audit")
def show_audit(
    everything: Annotated[
        bool, typer.Option("--all", help="Verify every line there ever was, not only the newest.")
    ] = False,
    ticket: Annotated[int | None, typer.Option(help="Who looked at this ticket.")] = None,
    person: Annotated[
        str, typer.Option(help="What somebody looked at: their name or phone number.")
    ] = "",
    most: Annotated[int, typer.Option(min=1, help="How many lines to show.")] = SHOWN,
) -> None:
    """谁看过什么，记录有没有被改过 (who looked at what; exit with 1 when the log was changed)."""
    settings = read_settings()
    wording = Wording(settings.time_zone)
    engine, _ = open_house(settings)
    with Session(engine) as session, session.begin():
        chain = audit.verify(session, None if everything else RECENT)
        found = _asked_for(session, ticket, person, most)
        for line in reversed(found):
            typer.echo(wording.render("cli/audit", _facts(session, wording, line), "line"))
        if not found:
            typer.echo(wording.render("cli/audit", {}, "nothing"))
        typer.echo(wording.render("cli/audit", {"c": chain, "whole": everything}, "chain"))
        if ticket is not None:  # reading it is a look as well
            audit.note(session, system_clock(), None, "who_looked", f"ticket:{ticket}")
        else:
            audit.note(session, system_clock(), None, "audit", "audit:lines")
    engine.dispose()
    if not chain.whole:
        raise typer.Exit(1)


def _asked_for(session: Session, ticket: int | None, person: str, most: int) -> list[AuditLine]:
    if ticket is not None:
        return audit.lines_about(session, f"ticket:{ticket}", most)
    if person:
        called = people.called(session, person)
        numbers = {n for one in called for n in audit.names_before(session, one.id)}
        return audit.lines_of(session, numbers, most)
    return audit.newest_lines(session, most)


def _facts(session: Session, wording: Wording, line: AuditLine) -> dict[str, object]:
    """A line in words; what it is about is a kind and a number, and its name where it has one that
    everybody who may read the log may read."""
    kind, _, number = line.subject.partition(":")
    return {
        "at": line.at,
        "number": line.id,
        "who": name_of(session, audit.who_now(session, line.actor_id)),
        "command_line": line.actor_id is None,
        "action": line.action,
        "kind": kind,
        "subject": number,
        "name": _name(session, kind, number),
        "reason": _reason(wording, line),
    }


def _name(session: Session, kind: str, number: str) -> str:
    if kind == "person":
        return name_of(session, audit.who_now(session, int(number)))
    if kind == "list":
        return word(f"import.kinds.{number}")
    area = session.get(Area, int(number)) if kind == "area" else None
    return areas.title(session, area) if area is not None else ""


def _reason(wording: Wording, line: AuditLine) -> str:
    if line.reason.startswith("notice:"):
        return wording.render("cli/audit", {"number": line.reason.partition(":")[2]}, "notice")
    known = line.action == "phone" and line.reason in PHONE_REASONS
    return wording.word(f"phone_reason.{line.reason}") if known else line.reason
