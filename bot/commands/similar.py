"""`python -m bot similar -`: for each matter the earlier ones it reads like, line by line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from storage.alike import Stream
from storage.alike.records import BadRecord, matter_of

MOST_SUGGESTED = 10
"""More than a resident is shown (5): who reads this looks for all that belong together."""

app = typer.Typer()


@app.command("similar")
def similar(
    source: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines; - reads stdin.")],
    most: Annotated[int, typer.Option(min=1, help="Earlier ids per line.")] = MOST_SUGGESTED,
    scores: Annotated[bool, typer.Option(help="Also how alike each is, 0 to 1.")] = False,
) -> None:
    """逐行读诉求，给出读起来像同一件事的较早诉求 (earlier matters that read alike).

    A line is {"id", "text", "place"?, "time"?}, in order of time; each is answered with
    {"id", "similar": [ids, best first]}. A line that cannot be read is answered with an "error",
    the others still are, and the exit code is 1.
    """
    if source == "-":
        failed = _answer(sys.stdin.buffer, most, scores=scores)
    elif Path(source).is_file():
        with Path(source).open("rb") as lines:
            failed = _answer(lines, most, scores=scores)
    else:
        typer.echo(f"{source}: no such file", err=True)
        raise typer.Exit(2)
    if failed:
        raise typer.Exit(1)


def _answer(lines: BinaryIO, most: int, *, scores: bool) -> bool:
    """Whether any line could not be read."""
    failed = False
    for answer in answers(lines, most, scores=scores):
        failed = failed or "error" in answer
        # Escaped where UTF-8 has no form for it: half a pair in an id.
        line = json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace")
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
    return failed


def answers(
    lines: Iterable[bytes], most: int = MOST_SUGGESTED, *, scores: bool = False
) -> Iterator[dict[str, Any]]:
    """One answer per line that is not blank, in order; each line is then an earlier one."""
    stream = Stream()
    for position, line in enumerate(lines):
        text = line.decode("utf-8-sig" if position == 0 else "utf-8", "replace").strip()
        if not text:
            continue
        try:
            matter = matter_of(text)
        except BadRecord as bad:
            yield {"id": bad.id, "similar": [], "error": bad.reason}
            continue
        found = stream.suggest_and_add(matter, most)
        answer: dict[str, Any] = {"id": matter.id, "similar": [one.id for one in found]}
        if scores:
            answer["scores"] = [one.score for one in found]
        yield answer
