"""What can be made on another thread and sent to a chat: each kind of report job and its maker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.office import Office
from bot.wording import Wording
from handlers.admins import notice_reports
from handlers.residents import who
from handlers.staff import figures as talk
from handlers.staff.figure_views import Reader, ReportView
from storage import figures
from storage.figures import Listed

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PNG = "image/png"
What = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """An answer, and its file if it has one (no content: none)."""

    answer: talk.Answer
    content: bytes = b""
    name: str = ""
    mime: str = ""


@dataclass(frozen=True, slots=True)
class Maker:
    """make: the answer for a person, only reading; takes what was asked. send: asked right before
    it goes out, in the transaction that sends it: whether they may still have it."""

    make: Callable[[Session, Office, int, What], Made]
    send: Callable[[Office, int, What], bool]


def maker_of(what: What) -> Maker:
    """Who makes what was asked for: ``report`` names it; figures have no name."""
    return MAKERS[what.get("report", "figures")]


# Figures


def _figures(session: Session, desk: Office, person_id: int, what: What) -> Made:
    answer = talk.compose(desk, Reader(person_id), what)
    if answer.report is None:
        return Made(answer)
    if what["view"] == "workbook":
        rows, hidden = figures.listing(session, answer.report.scope)
        content = workbook(desk, answer.report, rows, hidden)
        return Made(answer, content, file_name(desk.wording, answer.report, "xlsx"), XLSX)
    content = picture(desk.wording, answer.report)
    return Made(answer, content, file_name(desk.wording, answer.report, "png"), PNG)


def picture(wording: Wording, report: ReportView) -> bytes:
    """The report as a PNG for a phone."""
    # Drawing takes a large library, which only who asks for a picture should wait for.
    from bot.reporting.picture import draw
    from bot.reporting.words import sheet

    return draw(sheet(wording, report))


def workbook(desk: Office, report: ReportView, rows: list[Listed], hidden: int) -> bytes:
    """The report as an .xlsx file."""
    from bot.reporting.workbook import write

    return write(desk, report, rows, hidden)


def file_name(wording: Wording, report: ReportView, ending: str) -> str:
    """What the file is called where it is saved."""
    return _as_file(wording.render("report/file_name", {"r": report}), ending)


def _as_file(stem: str, ending: str) -> str:
    plain = stem.replace("/", "-").replace("\\", "-")
    return f"{plain[:80]}.{ending}"


# The network around a doorstep


def _network(session: Session, desk: Office, person_id: int, what: What) -> Made:
    from bot.reporting.network import draw, plan

    view = who.view_network(desk, what["area"])
    content = draw(plan(desk.wording, view, desk.now))
    name = _as_file(desk.wording.render("who/picture", {"n": view}, "title") + view.place, "png")
    return Made(talk.Answer("who/picture_sent", {"n": view}), content, name, PNG)


def _anyone(desk: Office, person_id: int, what: What) -> bool:
    """Who serves a doorstep is for everybody to know."""
    return True


# What became of a notice


def _notice(session: Session, desk: Office, person_id: int, what: What) -> Made:
    answer, found = notice_reports.compose(desk, person_id, what)
    if found is None:
        return Made(answer)
    from bot.reporting.receipts import draw, write

    stem = desk.wording.render("notice/file_name", {"r": found})
    if what["view"] == "workbook":
        return Made(answer, write(desk.wording, found), _as_file(stem, "xlsx"), XLSX)
    return Made(answer, draw(desk.wording, found), _as_file(stem, "png"), PNG)


MAKERS: Mapping[str, Maker] = {
    "figures": Maker(_figures, talk.send),
    "network": Maker(_network, _anyone),
    "notice": Maker(_notice, notice_reports.send),
}
