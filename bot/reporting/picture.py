"""Drawing a report: an upright picture, 1080 pixels wide, that is read on a phone without zooming.

The font beside it holds the characters of GB 2312. One that it lacks (a rare character in a place's
name) is drawn as 〓, and a line at the foot says so: never an empty box.
"""

from __future__ import annotations

import io
import re
import unicodedata
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.patches import FancyBboxPatch

from bot.reporting.words import Bar, Rate, Sheet, Table, Tile

FONT = Path(__file__).parents[2] / "storage" / "data" / "fonts" / "NotoSansCJKsc-GB2312.otf"
GETA = "\u3013"
"""The printer's mark for a character that is not in the case."""
WIDTH, DPI, MARGIN = 1080, 100, 48
INK, SOFT, PALE, PAPER = "#1c1c1e", "#5c5c63", "#e9e9ee", "#ffffff"
ACCENT, GROUND = "#b3261e", "#f6f6f8"
BLUE = "#1f5fa8"

CLOSING = ("Pe", "Pf", "Po")
"""The classes of marks (Unicode) that no line begins with."""
MOST_CARRIED = 7
"""Characters that go to the next line together, rather than being parted."""
_PIECES = re.compile(r"[0-9A-Za-z.]+|.", re.DOTALL)

RATE_HEIGHT, TILE_HEIGHT, BAR_HEIGHT, ROW_HEIGHT = 190, 150, 92, 66


@cache
def _characters() -> frozenset[int]:
    return frozenset(FT2Font(str(FONT)).get_charmap())


def drawable(text: str) -> str:
    """`text` with 〓 for every character that the font lacks."""
    return "".join(c if ord(c) in _characters() else GETA for c in text)


@cache
def _advance(character: str) -> float:
    """How wide a character is, as a share of its size."""
    font = FT2Font(str(FONT))
    font.set_size(100, 72)
    return float(font.load_char(ord(character)).linearHoriAdvance) / 65536 / 100


def text_width(text: str, size: float) -> float:
    """How wide a line of text of this size is, in pixels."""
    return size * sum(_advance(character) for character in drawable(text))


def wrapped(text: str, size: float, most: float) -> list[str]:
    """`text` in lines of at most `most` pixels. A line ends behind a mark or a space where one is
    near its end (so a name stays whole), else between any two characters; never before a mark that
    closes something, and not within a number."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and text_width(lines[-1] + piece, size) > most:
            kept = _kept(lines[-1], piece)
            carried = lines[-1][len(kept) :]
            lines[-1] = kept
            lines.append(carried)
        lines[-1] += piece
    return [line.strip() for line in lines]


def _kept(line: str, following: str) -> str:
    """As much of a full line as stays on it, at least one character."""
    for back in range(min(MOST_CARRIED, len(line) - 1)):
        end = len(line) - back
        after = line[end] if back else following
        if _ends(line[end - 1]) and not _closes(after):
            return line[:end]
    return line[:-1] if _closes(following) and len(line) > 1 else line


def _ends(character: str) -> bool:
    return character.isspace() or _closes(character)


def _closes(text: str) -> bool:
    return unicodedata.category(text[0]) in CLOSING


class Canvas:
    """A sheet of paper, measured in pixels from the upper left corner."""

    def __init__(self, height: int) -> None:
        self.figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor=PAPER)
        FigureCanvasAgg(self.figure)
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_xlim(0, WIDTH)
        self.axes.set_ylim(height, 0)
        self.axes.axis("off")
        self.lacked = False

    def write(
        self, x: float, y: float, text: str, size: float, colour: str = INK, align: str = "left"
    ) -> None:
        """Text with its middle at height y; size in pixels."""
        shown = drawable(text)
        self.lacked = self.lacked or shown != text
        font = font_manager.FontProperties(fname=str(FONT), size=size * 72 / DPI)
        self.axes.text(
            x, y, shown, fontproperties=font, color=colour, va="center", ha=align,
            parse_math=False,
        )  # fmt: skip

    def fit(self, text: str, size: float, most: float) -> str:
        """As much of `text` as about fits into `most` pixels."""
        wide = 0.0
        for place, character in enumerate(text):
            wide += size if ord(character) > 0x2000 else size * 0.56
            if wide > most:
                return text[: max(1, place - 1)] + "…"
        return text

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A rounded box from its upper left corner."""
        if width < 1:
            return
        rounding = min(14.0, height / 2, width / 2)
        self.axes.add_patch(
            FancyBboxPatch(
                (x + rounding, y + rounding), width - 2 * rounding, height - 2 * rounding,
                boxstyle=f"round,pad={rounding}", linewidth=0, facecolor=colour,
            )
        )  # fmt: skip

    def png(self) -> bytes:
        """The picture."""
        out = io.BytesIO()
        self.figure.savefig(out, format="png", dpi=DPI)
        return out.getvalue()


def draw(sheet: Sheet) -> bytes:
    """The picture of a report, as PNG."""
    canvas = Canvas(_height(sheet))
    canvas.write(MARGIN, 70, canvas.fit(sheet.title, 56, WIDTH - 2 * MARGIN), 56)
    canvas.write(MARGIN, 136, sheet.subtitle, 31, SOFT)
    y = 190.0
    for rate in sheet.rates:
        _rate(canvas, y, rate)
        y += RATE_HEIGHT
    y = _counts(canvas, y + 8, sheet.counts)
    y = _tiles(canvas, y, sheet.tiles)
    if sheet.bars:
        canvas.write(MARGIN, y + 42, sheet.bars_title, 38)
        y += 84
        for bar in sheet.bars:
            _bar(canvas, y, bar)
            y += BAR_HEIGHT
    if sheet.table:
        y = _table(canvas, y + 10, sheet.table)
    for line in sheet.foot:
        canvas.write(MARGIN, y + 36, line, 28, SOFT)
        y += 42
    if canvas.lacked:
        canvas.write(MARGIN, y + 36, sheet.missing_note, 28, SOFT)
    return canvas.png()


def _height(sheet: Sheet) -> int:
    height = 190 + RATE_HEIGHT * len(sheet.rates) + 8 + 2 * 130 + 16
    height += ((len(sheet.tiles) + 2) // 3) * TILE_HEIGHT
    if sheet.bars:
        height += 84 + BAR_HEIGHT * len(sheet.bars)
    if sheet.table:
        height += 10 + 84 + ROW_HEIGHT * (len(sheet.table.rows) + 1 + bool(sheet.table.more))
    return height + 42 * (len(sheet.foot) + 1) + 40


def _rate(canvas: Canvas, y: float, rate: Rate) -> None:
    """One large rate: its name, its figure, what it is of and who gave no answer, and a bar."""
    canvas.box(MARGIN - 16, y, WIDTH - 2 * MARGIN + 32, RATE_HEIGHT - 18, GROUND)
    canvas.write(MARGIN + 8, y + 62, rate.label, 46)
    canvas.write(MARGIN + 480, y + 62, rate.value, 82, BLUE, "right")
    canvas.write(WIDTH - MARGIN - 8, y + 40, rate.note, 35, INK, "right")
    canvas.write(WIDTH - MARGIN - 8, y + 90, rate.silent, 35, ACCENT, "right")
    full = WIDTH - 2 * MARGIN - 16
    canvas.box(MARGIN + 8, y + 130, full, 20, PALE)
    canvas.box(MARGIN + 8, y + 130, full * (rate.share or 0.0), 20, BLUE)


def _counts(canvas: Canvas, y: float, counts: list[tuple[str, str]]) -> float:
    for place, (label, value) in enumerate(counts):
        column, row = place % 3, place // 3
        middle = MARGIN + (column + 0.5) * (WIDTH - 2 * MARGIN) / 3
        canvas.write(middle, y + row * 130 + 42, value, 54, INK, "center")
        canvas.write(middle, y + row * 130 + 92, label, 31, SOFT, "center")
    return y + 2 * 130 + 8


def _tiles(canvas: Canvas, y: float, tiles: list[Tile]) -> float:
    wide = (WIDTH - 2 * MARGIN) / 3
    for place, tile in enumerate(tiles):
        left, top = MARGIN + (place % 3) * wide, y + (place // 3) * TILE_HEIGHT
        canvas.box(left + 4, top, wide - 8, TILE_HEIGHT - 12, GROUND)
        canvas.write(left + wide / 2, top + 30, tile.label, 31, SOFT, "center")
        canvas.write(left + wide / 2, top + 72, tile.value, 46, INK, "center")
        canvas.write(left + wide / 2, top + 114, tile.note, 28, SOFT, "center")
    return y + ((len(tiles) + 2) // 3) * TILE_HEIGHT


def _bar(canvas: Canvas, y: float, bar: Bar) -> None:
    canvas.write(MARGIN, y + 20, bar.label, 33)
    canvas.write(WIDTH - MARGIN, y + 20, bar.note, 29, SOFT, "right")
    full = WIDTH - 2 * MARGIN - 140
    canvas.box(MARGIN, y + 50, full, 22, PALE)
    canvas.box(MARGIN, y + 50, full * bar.share, 22, BLUE)
    canvas.write(WIDTH - MARGIN, y + 60, bar.value, 33, INK, "right")


def _table(canvas: Canvas, y: float, table: Table) -> float:
    canvas.write(MARGIN, y + 42, table.title, 38)
    y += 84
    ends = (570, 730, 890, WIDTH - MARGIN)
    for place, row in enumerate((table.head, *table.rows)):
        if place % 2:
            canvas.box(MARGIN - 12, y, WIDTH - 2 * MARGIN + 24, ROW_HEIGHT, GROUND)
        size, colour = (33, INK) if place else (29, SOFT)
        canvas.write(MARGIN, y + ROW_HEIGHT / 2, canvas.fit(row[0], size, 350), size, colour)
        for cell, end in zip(row[1:], ends, strict=True):
            canvas.write(end, y + ROW_HEIGHT / 2, cell, size, colour, "right")
        y += ROW_HEIGHT
    if table.more:
        canvas.write(MARGIN, y + ROW_HEIGHT / 2, table.more, 29, SOFT)
        y += ROW_HEIGHT
    return y
