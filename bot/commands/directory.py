"""`python -m bot directory search`: who offers what someone says they need."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.commands.house import open_house, read_settings
from bot.wording import Wording
from storage import directory
from storage.directory import Hit, NoSuchCompound, care

app = typer.Typer()


class Action(StrEnum):
    """What can be done with the directory here."""

    SEARCH = "search"


@app.command("directory")
def search_directory(
    action: Annotated[Action, typer.Argument(metavar="search", help="What to do.")],
    text: Annotated[
        list[str], typer.Argument(metavar="TEXT", help="What is needed; - reads one a line.")
    ],
    compound: Annotated[
        str, typer.Option(help="The compound it is asked from: its name, or community/compound.")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="Results per request.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Answer a JSON object a line.")] = False,
) -> None:
    """查便民信息：谁能帮上忙 (search the directory in one's own words)."""
    settings = read_settings()
    wording = Wording(settings.time_zone)
    zone = ZoneInfo(settings.time_zone)
    engine, _ = open_house(settings)
    try:
        with Session(engine) as session:
            spot = directory.spot(session, _near(session, wording, compound))
            known = directory.directory(session)
            now = system_clock().astimezone(zone)
            skip = care.hidden(session, now.date())

        def find(asked: str) -> list[Hit]:
            return known.find(asked, spot, now, limit=limit, skip=skip)

        if text == ["-"]:
            _answer_lines(find)
        else:
            _answer(find, " ".join(text), wording, as_json=as_json)
    finally:
        engine.dispose()


def _near(session: Session, wording: Wording, compound: str) -> int | None:
    """The id of the compound that is named. Raises typer.Exit with 1 after saying what is wrong."""
    if not compound:
        return None
    try:
        return directory.compound_called(session, compound)
    except NoSuchCompound as unknown:
        facts = {"name": unknown.name, "known": unknown.known, "alike": unknown.alike}
        block = "several" if unknown.several else "no_compound"
        typer.echo(wording.render("cli/directory", facts, block), err=True)
        raise typer.Exit(1) from None


def _answer(
    find: Callable[[str], list[Hit]], text: str, wording: Wording, *, as_json: bool
) -> None:
    hits = find(text)
    if as_json:
        typer.echo(json.dumps(as_facts(text, hits), ensure_ascii=False))
    else:
        facts = {"text": text, "hits": hits}
        typer.echo(wording.render("cli/directory", facts, "hits" if hits else "nothing"))


def _answer_lines(find: Callable[[str], list[Hit]]) -> None:
    """One JSON line for each line of what is piped in. Bytes that are no UTF-8 become U+FFFD."""
    for position, line in enumerate(sys.stdin.buffer):
        encoding = "utf-8-sig" if position == 0 else "utf-8"
        text = line.decode(encoding, errors="replace").rstrip("\r\n")
        answer = json.dumps(as_facts(text, find(text)), ensure_ascii=False)
        sys.stdout.buffer.write(answer.encode("utf-8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()


def as_facts(text: str, hits: list[Hit]) -> dict[str, Any]:
    """A request and what was found, as it is printed."""
    return {
        "text": text,
        "results": [
            {
                "category": hit.category,
                "name": hit.name,
                "compound": hit.compound,
                "score": hit.score,
                "distance": hit.distance,
                "open_now": hit.open_now,
            }
            for hit in hits
        ],
    }
