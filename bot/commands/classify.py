"""`python -m bot classify`: what a resident's words are taken to mean. No database, no network."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.wording import Wording
from storage.meaning import Meaning, classify, dangers, kinds

LABELLED = Path(__file__).parents[2] / "tests" / "data" / "meaning.tsv"
FRESH = LABELLED.with_name("meaning_fresh.tsv")
FIELDS = ("service", "category", "official_class", "urgency")

app = typer.Typer()


@app.command("classify")
def classify_text(
    text: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="What was said; - reads one text a line.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer a JSON object, one line a text.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Measure on the labelled half nothing is tuned on.")
    ] = False,
) -> None:
    """判断一句话说的是什么事、急不急 (what the words mean)."""
    wording = Wording("Asia/Shanghai")
    if report:
        _report(wording)
        return
    if text is None:
        typer.echo(wording.render("cli/classify", {}, "no_text"), err=True)
        raise typer.Exit(1)
    for line in _lines() if text == "-" else [text]:
        meaning = classify(line)
        if as_json:
            typer.echo(json.dumps(as_facts(meaning), ensure_ascii=False))
        else:
            typer.echo(wording.render("cli/classify", _shown(meaning), "meaning"))
        sys.stdout.flush()


def _lines() -> Iterator[str]:
    """One text a line of what is piped in. Bytes that are no UTF-8 are read as U+FFFD."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", errors="replace").rstrip("\r\n")


def as_facts(meaning: Meaning) -> dict[str, Any]:
    """A meaning as it is printed: plain values, the label of the category, `urgent` yes or no."""
    return {
        "service": meaning.service,
        "category": meaning.category,
        "label": kinds()[meaning.category].label,
        "official_class": meaning.official_class,
        "urgency": meaning.urgency,
        "urgent": meaning.urgent,
        "dangers": list(meaning.dangers),
        "confidence": meaning.confidence,
        "alternatives": [
            {"category": key, "confidence": confidence} for key, confidence in meaning.alternatives
        ],
    }


def _shown(meaning: Meaning) -> dict[str, Any]:
    calls = [number for key in meaning.dangers for number in dangers()[key].calls]
    return {**as_facts(meaning), "calls": list(dict.fromkeys(calls))}


def _report(wording: Wording) -> None:
    """Accuracy on the measured halves, by first-level class and by style, and every miss."""
    if not LABELLED.is_file():
        typer.echo(wording.render("cli/classify", {}, "no_tests"), err=True)
        raise typer.Exit(1)
    read, fresh = _measured(LABELLED), _measured(FRESH)
    facts = {
        "count": len(read),
        "right": {name: _share(read, name) for name in FIELDS},
        "classes": [
            {"name": name, "right": _share(part, "official_class"), "count": len(part)}
            for name in dict.fromkeys(row["official_class"] for row, _ in read)
            if (part := [pair for pair in read if pair[0]["official_class"] == name])
        ],
        "fresh": [
            {"style": style, "right": _style_share(part), "count": len(part)}
            for style in dict.fromkeys(row["style"] for row, _ in fresh)
            if (part := [pair for pair in fresh if pair[0]["style"] == style])
        ],
        "alarms": {level: _alarm(read, level) for level in ("danger", "urgent")},
        "misses": [
            {"text": row["text"], "wrong": wrong}
            for row, meaning in read
            if (wrong := _wrong(row, meaning))
        ],
    }
    typer.echo(wording.render("cli/classify", facts, "report"))


def _measured(labelled: Path) -> list[tuple[dict[str, str], Meaning]]:
    """The rows of the half `measure` with what they are taken to mean."""
    with labelled.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row, classify(row["text"])) for row in table if row["half"] == "measure"]


def _share(read: list[tuple[dict[str, str], Meaning]], name: str) -> float:
    return sum(bool(getattr(meaning, name) == row[name]) for row, meaning in read) / len(read)


def _style_share(read: list[tuple[dict[str, str], Meaning]]) -> float:
    """How many have the right class; where only danger is labelled, how many are told rightly."""
    if read[0][0]["official_class"]:
        return _share(read, "official_class")
    right = [(row["urgency"] == "danger") == (meaning.urgency == "danger") for row, meaning in read]
    return sum(right) / len(right)


def _alarm(read: list[tuple[dict[str, str], Meaning]], level: str) -> dict[str, int]:
    """How many of a level there are, how many were found, how many were said to be."""
    return {
        "there": sum(row["urgency"] == level for row, _ in read),
        "found": sum(row["urgency"] == level == meaning.urgency for row, meaning in read),
        "said": sum(meaning.urgency == level for _, meaning in read),
    }


def _wrong(row: dict[str, str], meaning: Meaning) -> list[str]:
    return [
        f"{row[name]} → {getattr(meaning, name)}"
        for name in FIELDS
        if getattr(meaning, name) != row[name]
    ]
