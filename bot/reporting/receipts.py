"""The receipts of a notice by area: an upright picture for a phone, and a workbook.

Neither has a name, a door or a phone number in it. Sent is what was given to a platform, never
"read"; what was read is what somebody of the household said so of.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.reporting.picture import (
    ACCENT,
    BLUE,
    GROUND,
    INK,
    MARGIN,
    PALE,
    SOFT,
    WIDTH,
    Canvas,
)
from bot.reporting.workbook import Book, Cell
from bot.wording import Wording, percent
from handlers.admins.notice_reports import ReceiptsView, Row, Trouble, share
from storage.notices.figures import Tally
from storage.notices.tables import ReceiptState

MOST_ROWS = 20
"""Areas in the picture; the workbook has all."""
STATES = ("sent", "waiting", "unreachable", "declined", "blocked", "failed")
ROW = 92


def numbers(tally: Tally) -> dict[str, int]:
    """A tally as it is shown: each counts in one of these; uncertain and acknowledged besides."""
    states = {
        name: tally[ReceiptState(name)]
        for name in ("sent", "unreachable", "declined", "blocked", "failed")
    }
    return {
        "all": tally.all, **states, "waiting": tally.waiting,
        "uncertain": tally.uncertain, "acknowledged": tally.acknowledged,
        "outdated": tally.outdated,
    }  # fmt: skip


def draw(wording: Wording, found: ReceiptsView) -> bytes:
    """The picture, as PNG."""

    def say(block: str, **facts: object) -> str:
        return wording.render("notice/picture", {"r": found, **facts}, block)

    rows = found.rows[:MOST_ROWS]
    more = len(found.rows) - len(rows)
    foot = [line for line in say("foot").splitlines() if line.strip()]
    height = 210 + 128 * (1 + found.wants_ack) + 12 + 150 + 42 * (len(foot) + 1) + 30
    height += 84 + ROW * len(rows) + 42 if rows else 0
    canvas = Canvas(height)
    most = WIDTH - 2 * MARGIN
    canvas.write(MARGIN, 66, canvas.fit(say("title"), 52, most), 52)
    canvas.write(MARGIN, 126, canvas.fit(say("whom"), 31, most), 31, SOFT)
    canvas.write(MARGIN, 172, canvas.fit(say("when"), 31, most), 31, SOFT)
    y = 210.0
    total = numbers(found.total)
    main = [("sent", found.total.all, "of_all")]
    if found.wants_ack:
        main.append(("acknowledged", total["sent"], "of_sent"))
    for key, of, note in main:
        part = total[key] / of if of else None
        _share(canvas, y, say("label", key=key), part, say(note, n=total[key], of=of))
        y += 128
    y += 12
    tiles = ("waiting", "unreachable", "declined", "blocked", "failed", "uncertain")
    for place, key in enumerate(tiles):
        wide = most / len(tiles)
        left = MARGIN + place * wide
        canvas.box(left + 4, y, wide - 8, 118, GROUND)
        colour = ACCENT if total[key] and key != "waiting" else INK
        canvas.write(left + wide / 2, y + 44, str(total[key]), 46, colour, "center")
        canvas.write(left + wide / 2, y + 90, say("label", key=key), 27, SOFT, "center")
    y += 150
    if rows:
        canvas.write(MARGIN, y + 30, say("areas"), 38)
        y += 84
        for row in rows:
            _row(canvas, y, row, say("row", row=row, n=numbers(row.tally)))
            y += ROW
        if more > 0:
            canvas.write(MARGIN, y + 10, say("more", more=more), 28, SOFT)
        y += 42
    for line in foot:
        canvas.write(MARGIN, y + 26, line, 28, SOFT)
        y += 42
    if canvas.lacked:
        canvas.write(MARGIN, y + 26, wording.render("report/picture", {}, "names"), 28, SOFT)
    return canvas.png()


def _share(canvas: Canvas, y: float, label: str, part: float | None, note: str) -> None:
    canvas.box(MARGIN - 16, y, WIDTH - 2 * MARGIN + 32, 116, GROUND)
    canvas.write(MARGIN + 8, y + 42, label, 40)
    canvas.write(MARGIN + 440, y + 42, percent(part), 58, BLUE, "right")
    canvas.write(WIDTH - MARGIN - 8, y + 42, note, 32, INK, "right")
    full = WIDTH - 2 * MARGIN - 16
    canvas.box(MARGIN + 8, y + 82, full, 18, PALE)
    canvas.box(MARGIN + 8, y + 82, full * (part or 0.0), 18, BLUE)


def _row(canvas: Canvas, y: float, row: Row, note: str) -> None:
    sent, everyone = row.tally[ReceiptState.SENT], row.tally.all
    canvas.write(MARGIN, y + 20, canvas.fit(row.name, 33, 380), 33)
    canvas.write(WIDTH - MARGIN, y + 20, note, 29, SOFT, "right")
    full = WIDTH - 2 * MARGIN - 140
    part = sent / everyone if everyone else 0.0
    canvas.box(MARGIN, y + 50, full, 22, PALE)
    canvas.box(MARGIN, y + 50, full * part, 22, BLUE)
    canvas.write(WIDTH - MARGIN, y + 60, percent(part if everyone else None), 33, INK, "right")


def _trouble(wording: Wording, one: Trouble) -> list[Cell]:
    return [one.name, wording.word(f"notice_why.{one.why}"), one.number]


def write(wording: Wording, found: ReceiptsView) -> bytes:
    """The workbook: in all, by area, by building, and what the columns mean."""
    book = Book(wording)
    besides = [
        *(["outdated"] if found.total.outdated else []),
        *(["acknowledged"] if found.wants_ack else []),
    ]
    keys = ("all", *STATES, "uncertain", *besides)

    def label(key: str) -> str:
        return wording.render("notice/picture", {"r": found, "key": key}, "label")

    head = [book.word("name"), *(label(key) for key in keys), label("sent_share")]
    if found.wants_ack:
        head.append(label("acknowledged_share"))

    def line(name: str, tally: Tally) -> list[Cell]:
        counted = numbers(tally)
        cells: list[Cell] = [name, *(counted[key] for key in keys)]
        cells.append(counted["sent"] / tally.all if tally.all else None)
        if found.wants_ack:
            cells.append(share(tally, tally.acknowledged))
        return cells

    def part(key: str, rows: Sequence[Row]) -> None:
        book.sheet(key, head, [line(row.name, row.tally) for row in rows])

    summary: list[Sequence[Cell]] = [
        [wording.render("notice/picture", {"r": found}, block)]
        for block in ("title", "whom", "when", "text")
    ]
    summary += [[], head, line(found.whom, found.total)]
    book.sheet("summary", [label("sheet")], summary)
    if found.rows:
        part("areas", found.rows)
    if found.buildings:
        part("buildings", found.buildings)
    if found.troubles:
        heads = [book.word("name"), book.word("reason"), label("number")]
        book.sheet("troubles", heads, [_trouble(wording, one) for one in found.troubles])
    if found.replies:
        head_of_replies = [
            wording.word(f"notice_label.reply_{key}") for key in ("when", "where", "text")
        ]
        book.sheet("replies", head_of_replies, [
            [wording.render("notice/picture", {"one": one}, "reply_when"), one.where, one.text]
            for one in found.replies
        ])  # fmt: skip
    meanings: list[list[Cell]] = [
        [label(key), wording.word(f"notice_means.{key}")] for key in (*keys, "sent_share")
    ]
    if found.wants_ack:
        key = "acknowledged_share"
        meanings.append([label(key), wording.word(f"notice_means.{key}")])
    book.sheet("definitions", [book.word("figure"), book.word("meaning")], meanings)
    return book.bytes()
