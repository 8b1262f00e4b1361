"""The commands that fill the database: a sample county, and the county's own lists."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bot.commands.house import open_house, read_settings
from bot.wording import TEMPLATES
from storage import audit, importing
from storage.importing import BadRow, Kind, Report
from storage.sample import NotEmpty, ScaleName, make
from storage.vault import Vault

MOST_BAD_ROWS_SHOWN = 200
"""A wrong file has thousands; nobody reads more than these before opening it."""


@cache
def _words(name: str) -> dict[str, Any]:
    return tomllib.loads((TEMPLATES / f"{name}.toml").read_text("utf-8"))


def word(key: str, **facts: object) -> str:
    """The sentence behind a dotted key of templates/cli/county.toml."""
    found: Any = _words("cli/county")
    for part in key.split("."):
        found = found[part]
    return str(found).format(**facts)


def reason(bad: BadRow) -> str:
    """Why a row was not taken, as a sentence."""
    return str(_words("import/reasons")[bad.reason_key]).format(**bad.facts)


app = typer.Typer(
    help=word("help.app"),
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # they hold phone numbers
)


def _say(text: str, *, error: bool = False) -> None:
    # What a list contains may look like markup, and must be shown as it is.
    Console(stderr=error, soft_wrap=True).print(text, markup=False, highlight=False)


@contextmanager
def _database() -> Iterator[tuple[Engine, Vault]]:
    """The engine of the settings' database, migrated, and its vault."""
    engine, vault = open_house(read_settings())
    try:
        yield engine, vault
    finally:
        engine.dispose()


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


@app.command(help=word("help.sample"))
def sample(
    scale: Annotated[ScaleName, typer.Option(help=word("help.scale"))] = "small",
    seed: Annotated[int, typer.Option(help=word("help.seed"))] = 365,
) -> None:
    """Load the sample county. Exits with 1 when the database has other areas already."""
    with _database() as (engine, vault), _bar() as bar:
        task = bar.add_task("", total=None)

        def progress(done: int, total: int, what: str) -> None:
            shown = word("sample.loading", what=word(f"sample.what.{what}"))
            bar.update(task, completed=done, total=total, description=shown)

        try:
            made = make(engine, vault, scale, seed, datetime.now(UTC), progress)
        except NotEmpty:
            bar.stop()
            _say(word("sample.not_empty"), error=True)
            raise typer.Exit(1) from None
    if not made.loaded:
        _say(word("sample.there"))
        return
    _say(
        word(
            "sample.loaded",
            areas=made.areas,
            households=made.households,
            people=made.people,
            posts=made.posts,
            entries=made.entries,
        )
    )


@app.command("import", help=word("help.import"))
def import_(
    kind: Annotated[Kind, typer.Argument(help=word("help.kind"))],
    file: Annotated[Path, typer.Argument(help=word("help.file"))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=word("help.dry_run"))] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help=word("help.skip_bad"))] = False,
) -> None:
    """Import a list. Exits with 1 when something was bad and nothing was imported for it."""
    with _database() as (engine, _vault), _bar() as bar:
        task = bar.add_task(word("import.working", kind=word(f"import.kinds.{kind}")), total=None)
        with Session(engine) as session, session.begin():
            report = importing.import_file(
                session,
                kind,
                file,
                dry_run=dry_run,
                skip_bad=skip_bad,
                now=datetime.now(UTC),
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
            if not (dry_run or report.refused):
                audit.note(session, datetime.now(UTC), None, "import", f"list:{kind}")
    _tell(report, dry_run=dry_run)
    if report.refused:
        raise typer.Exit(1)


@app.command(help=word("help.export"))
def export(
    kind: Annotated[
        Literal["services", "directory", "guides", "faqs", "places"],
        typer.Argument(help=word("help.export_kind")),
    ],
    file: Annotated[Path, typer.Argument(help=word("help.export_file"))],
) -> None:
    """Write a list as it stands, to be changed and imported. Exits with 1 when it cannot."""
    if file.suffix.lower() != ".csv":
        _say(word("export.suffix"), error=True)
        raise typer.Exit(1)
    with _database() as (engine, _vault), Session(engine) as session:
        lines = importing.EXPORTS[kind](session)
    try:
        # The mark in front tells Excel and WPS that it is UTF-8.
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            csv.writer(out).writerows(lines)
    except OSError:
        _say(word("export.failed", file=file.name), error=True)
        raise typer.Exit(1) from None
    _say(word("export.done", file=file.name, rows=len(lines) - 1, kind=kind))


def _tell(report: Report, *, dry_run: bool) -> None:
    bad = len(report.bad)
    for one in report.bad[:MOST_BAD_ROWS_SHOWN]:
        shown = reason(one)
        if one.row_number:
            shown = word("import.row", row=one.row_number, reason=shown)
        _say(shown, error=True)
    if bad > MOST_BAD_ROWS_SHOWN:
        _say(word("import.more", more=bad - MOST_BAD_ROWS_SHOWN), error=True)
    if report.unknown_columns:
        _say(word("import.unknown_columns", columns="、".join(report.unknown_columns)), error=True)
    if report.refused:
        of_the_file = report.bad[0].row_number < 2
        _say(word("import.file_refused" if of_the_file else "import.refused", bad=bad), error=True)
        return
    _say(
        word(
            "import.counts",
            rows=report.rows,
            added=report.added,
            changed=report.changed,
            unchanged=report.unchanged,
            bad=bad,
        )
    )
    if bad:
        _say(word("import.skipped", bad=bad))
    if dry_run:
        _say(word("import.dry_run"))
