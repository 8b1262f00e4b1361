"""`python -m bot understand`: what a first message is taken to ask for. No database, no network."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot.wording import Wording
from storage.meaning.targets import REQUEST
from storage.names import bare
from storage.understanding import QUIET, Understood, understood, wanted

LABELLED = Path(__file__).parents[2] / "tests" / "data" / "first_messages.tsv"
FRESH = LABELLED.with_name("first_messages_fresh.tsv")
EVERYDAY = LABELLED.with_name("everyday_words.tsv")
MENU = "menu"
WAYS_OUT = frozenset({"back", "cancel", "edit", "help", "resume"})
"""Commands that do nothing where nothing is under way."""

Outcome = Literal["acted", "asked", "wrong"]

app = typer.Typer()


@dataclass(frozen=True, slots=True)
class Heard:
    """A labelled message, and what was made of it."""

    text: str
    targets: frozenset[str]
    must_ask: bool
    meant: Understood

    @property
    def outcome(self) -> Outcome:
        """Gone to a right target; or asked, with a right one among the choices. Where it must be
        asked, all the targets must be among them."""
        if self.must_ask:
            return "asked" if self.targets <= set(self.meant.asks) else "wrong"
        if self.meant.asks:
            return "asked" if self.targets & set(self.meant.asks) else "wrong"
        return "acted" if (self.meant.acts or MENU) in self.targets else "wrong"


@app.command("understand")
def understand(
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What was said; - reads one text a line.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer a JSON object, one line a text.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Measure on labelled messages nothing is tuned on.")
    ] = False,
) -> None:
    """判断第一句话是要找什么 (what a first message asks for)."""
    wording = Wording("Asia/Shanghai")
    if report:
        _report(wording)
        return
    if text is None:
        typer.echo(wording.render("cli/understand", {}, "no_text"), err=True)
        raise typer.Exit(1)
    for line in _lines() if text == "-" else [text]:
        meant = hears(wording, line)
        facts = {"acts": meant.acts, "asks": list(meant.asks), "wanted": wanted(line)[:3]}
        if as_json:
            typer.echo(json.dumps(facts, ensure_ascii=False))
        else:
            typer.echo(wording.render("cli/understand", facts, "meant"))
        sys.stdout.flush()


def _lines() -> Iterator[str]:
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")


def hears(wording: Wording, text: str) -> Understood:
    """What is done with a message in a chat where nothing is under way: the words of
    ``[commands]`` and ``[open]`` go before all others."""
    for section in ("commands", "open"):
        for name, words in wording.section(section).items():
            if bare(text) and bare(text) in map(bare, words):
                return Understood(acts=MENU if name == "help" else name)
    return understood(text)


def measured(wording: Wording, labelled: Path, half: str = "measure") -> list[Heard]:
    """The rows of one half with what is made of them."""
    with labelled.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Heard(
                row["text"],
                frozenset(row["targets"].split()),
                bool(row["must"]),
                hears(wording, row["text"]),
            )
            for row in table
            if row["half"] == half
        ]


def nonsense(wording: Wording, half: str) -> tuple[list[Heard], int]:
    """Of the everyday words of one half: those that lead, or offer to lead, where they must not;
    and how many there are. 反映问题 may stand beside anything else that is offered."""
    with EVERYDAY.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        rows = [row for row in table if row["half"] == half]
    found = []
    for row in rows:
        may = frozenset(row["may"].split())
        meant = hears(wording, row["text"])
        led = {meant.acts, *meant.asks} - {"", *QUIET, *WAYS_OUT}
        if not led <= may | ({REQUEST} if led & may else set()):
            found.append(Heard(row["text"], may, must_ask=False, meant=meant))
    return found, len(rows)


def _report(wording: Wording) -> None:
    if not LABELLED.is_file():
        typer.echo(wording.render("cli/understand", {}, "no_tests"), err=True)
        raise typer.Exit(1)
    sets = [measured(wording, LABELLED), measured(wording, FRESH)]
    found = [nonsense(wording, half) for half in ("tune", "measure", "later")]
    facts = {
        "sets": [_facts(heard) for heard in sets],
        "everyday": sum(count for _, count in found),
        "nonsense": [_missed(one) for heard, _ in found for one in heard],
    }
    typer.echo(wording.render("cli/understand", facts, "report"))


def _facts(heard: list[Heard]) -> dict[str, Any]:
    by_target: dict[str, Counter[str]] = {}
    for one in heard:
        name = "+".join(sorted(one.targets)) if one.must_ask else "/".join(sorted(one.targets))
        by_target.setdefault(name, Counter())[one.outcome] += 1
    return {
        "count": len(heard),
        "outcomes": Counter(one.outcome for one in heard),
        "by_target": by_target,
        "misses": [_missed(one) for one in heard if one.outcome == "wrong"],
    }


def _missed(one: Heard) -> dict[str, Any]:
    return {
        "text": one.text,
        "right": sorted(one.targets),
        "acts": one.meant.acts,
        "asks": one.meant.asks,
    }
