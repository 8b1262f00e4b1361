"""`python -m bot stats`: the figures of a period, printed, or as JSON, a picture, a workbook."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.commands.house import open_house, read_settings
from bot.office import Office
from bot.reporting.makers import picture, workbook
from bot.wording import Wording
from handlers.staff import figure_views
from handlers.staff.figure_views import Line, Reader, ReportView, Row
from handlers.staff.spans import midnight
from storage import addresses, areas, audit, figures, rules
from storage.figures import Scope

app = typer.Typer()
DATES = ["%Y-%m-%d"]


@app.command("stats")
def stats(
    since: Annotated[datetime, typer.Option("--from", formats=DATES, help="The first day.")],
    until: Annotated[datetime, typer.Option("--to", formats=DATES, help="The last day.")],
    area: Annotated[
        str, typer.Option(help="A written path, community/compound; the county without it.")
    ] = "",
    service: Annotated[str, typer.Option(help="The key of one service.")] = "",
    xlsx: Annotated[Path | None, typer.Option(help="Write a workbook.")] = None,
    png: Annotated[Path | None, typer.Option(help="Draw a picture.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """算一段时间的数据：三率和其他指标 (the figures of a period)."""
    settings = read_settings()
    wording = Wording(settings.time_zone)
    zone = ZoneInfo(settings.time_zone)
    if until < since:
        _refuse(wording, "turned_round")
    for path, ending in ((xlsx, ".xlsx"), (png, ".png")):
        if path is not None and path.suffix.lower() != ending:
            _refuse(wording, "wrong_ending", path=path.name, ending=ending)
    engine, _ = open_house(settings)
    with Session(engine) as session:
        found = addresses.resolve_path(session, area) if area else areas.county(session)
        if found is None:
            _refuse(wording, "no_area", area=area)
        known = rules.current(session) if service else {}
        if service and service not in known:
            _refuse(wording, "no_service", service=service, known=known)
        first, after = since.date(), until.date() + timedelta(days=1)
        scope = Scope(
            midnight(first, zone), midnight(after, zone), area_id=found.id, service=service or None
        )
        desk = Office(session, system_clock(), wording)
        _, report = figure_views.make(desk, Reader(None), scope)
        if xlsx:
            rows, hidden = figures.listing(session, scope)
            _write(wording, xlsx, workbook(desk, report, rows, hidden))
        if png:
            _write(wording, png, picture(wording, report))
        audit.note(session, desk.now, None, "export_figures", f"area:{found.id}")
        session.commit()
    engine.dispose()
    if as_json:
        typer.echo(json.dumps(plain(report), ensure_ascii=False, indent=2))
        return
    typer.echo(wording.render("report/report", {"r": report, "more": 0}))
    for path in (one for one in (xlsx, png) if one):
        typer.echo(wording.render("cli/stats", {"path": path}, "written"))


def _refuse(wording: Wording, block: str, **facts: object) -> NoReturn:
    typer.echo(wording.render("cli/stats", facts, block), err=True)
    raise typer.Exit(1)


def _write(wording: Wording, path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        _refuse(wording, "not_written", path=path, reason=error.strerror)


def plain(report: ReportView) -> dict[str, Any]:
    """The report as JSON: for each figure its n, how many of it, how many gave no answer."""
    return {
        "from": report.first_day.isoformat(),
        "until": (report.last_day + timedelta(microseconds=1)).isoformat(),
        "at": report.at.astimezone(UTC).isoformat(),
        "area_id": report.scope.area_id,
        "place": report.place,
        "figures": {line.key: _line(line) for line in (*report.rates, *report.shares)},
        "counts": report.counts,
        "transfers_each": report.transfers_each,
        "rungs": [
            {"level": r.level, "settled": r.settled, "of": r.of, "hours": r.hours, "stays": r.stays}
            for r in report.rungs
        ],
        "areas": [_row(row) for row in report.areas],
        "services": [_row(row) for row in report.services],
        "workers": [_row(row) for row in report.workers],
        "excluded": [{"number": one.number, "reason": one.reason} for one in report.excluded],
        "excluded_only_counted": report.hidden,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "share": line.share,
        "n": line.n,
        "top": line.top,
        "silent": line.silent,
        "silent_share": line.silent_share,
    }


def _row(row: Row) -> dict[str, Any]:
    found = {key: _line(line) for key, line in row.lines.items()}
    return {"name": row.name, "key": row.key, "opened": row.opened, "figures": found}
