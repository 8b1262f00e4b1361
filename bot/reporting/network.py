"""Drawing the four-level network around a doorstep: an upright picture for a phone.

    社区大党委 (its member units)        | the workers of the community
    小区综合党支部                        | those of the compound
    楼栋党小组, 党员中心户
    the doorstep

A phone shows it some 6 cm wide, so nothing in it is smaller than 32 of its 1080 pixels. Long names
take more lines, many units more rows; nothing is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.reporting.picture import (
    ACCENT,
    INK,
    PAPER,
    SOFT,
    WIDTH,
    Canvas,
    drawable,
    text_width,
    wrapped,
)
from bot.wording import Wording
from handlers.residents.who import Line, NetworkView

MOST_UNITS = 30
"""Member units that are drawn; what is more is counted."""
EDGE, INSIDE = 36, 30
"""From the paper to a box, and from a box to what stands in it."""
LEFT, RIGHT, NAMES = EDGE + INSIDE, 444, 640
"""Where the party's line begins, the workers' beside it, and their names behind their roles."""
WIDE = WIDTH - 2 * LEFT
COLUMN = RIGHT - LEFT - 24
GAP = 46
"""Between two boxes: room for an arrow."""
TOP = 22
GROUNDS = ("#fbe9e7", "#fdf0e3", "#fdf6df", "#eff5ea")
LEADING = 1.28


@dataclass(frozen=True, slots=True)
class Seated:
    """A role and who answers in it, in words. vacant: nobody does."""

    label: str
    names: str
    vacant: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """One level of the network."""

    title: str
    lead: Seated
    beside: list[Seated]
    units: list[str] = field(default_factory=list)
    units_title: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything in the picture, in words, from the top down."""

    title: str
    subtitle: str
    bands: list[Band]
    home: str
    foot: str
    missing_note: str


def plan(wording: Wording, view: NetworkView, now: datetime) -> Plan:
    """The words of a network's picture."""

    def say(block: str, **facts: Any) -> str:
        return wording.render("who/picture", {"n": view, "at": now, **facts}, block)

    bands = []
    for step in view.steps:
        beside = [_seated(say, line.label, line) for line in step.beside]
        if step.key == "compound" and view.station:
            beside.append(Seated(say("station"), view.station))
        lead = _seated(say, say(f"leads_{step.key}"), step.leads)
        units: list[str] = []
        if step.key == "community":
            units = view.units[:MOST_UNITS]
            if len(view.units) > MOST_UNITS:
                units.append(say("more_units", more=len(view.units) - MOST_UNITS))
        bands.append(Band(say(step.key), lead, beside, units, say("units") if units else ""))
    return Plan(say("title"), say("subtitle"), bands, say("home"), say("foot"), say("missing"))


def _seated(say: Callable[..., str], label: str, line: Line | None) -> Seated:
    if line is None or not line.holders:
        return Seated(label, say("nobody", line=line) if line else "", vacant=True)
    return Seated(label, say("name", line=line))


@dataclass(frozen=True, slots=True)
class _Ink:
    """A line of text, its middle at height y."""

    x: float
    y: float
    text: str
    size: float
    colour: str


@dataclass(frozen=True, slots=True)
class _Chip:
    """A box behind a unit's name."""

    x: float
    y: float
    width: float
    height: float


@dataclass(slots=True)
class _Layout:
    """What stands in one box, measured from its upper edge."""

    inks: list[_Ink] = field(default_factory=list)
    chips: list[_Chip] = field(default_factory=list)
    height: float = 0.0


def draw(what: Plan) -> bytes:
    """The picture, as PNG."""
    return compose(what).png()


def compose(what: Plan) -> Canvas:
    """The picture, drawn and not yet a file."""
    heads = _lines(what.title, LEFT, 40, 68, INK, WIDE)
    heads_end = heads.height
    subs = _lines(what.subtitle, LEFT, heads_end + 8, 36, SOFT, WIDE)
    bands = [_band(band) for band in what.bands]
    home = _lines(what.home, LEFT, INSIDE, 48, PAPER, WIDE)
    foot = _lines(what.foot, LEFT, 0, 32, SOFT, WIDE)
    note = _lines(what.missing_note, LEFT, 0, 32, SOFT, WIDE)
    lacking = any(drawable(text) != text for text in _texts(what))
    top = subs.height + 36
    height = top + sum(band.height + GAP for band in bands) + home.height + INSIDE
    height += 40 + foot.height + (note.height + 8 if lacking else 0) + 40
    canvas = Canvas(round(height))
    _put(canvas, heads, 0)
    _put(canvas, subs, 0)
    y = top
    for number, band in enumerate(bands):
        canvas.box(EDGE, y, WIDTH - 2 * EDGE, band.height, GROUNDS[number % len(GROUNDS)])
        _put(canvas, band, y)
        y += band.height
        _arrow(canvas, y)
        y += GAP
    canvas.box(EDGE, y, WIDTH - 2 * EDGE, home.height + INSIDE, ACCENT)
    _put(canvas, home, y)
    y += home.height + INSIDE + 40
    _put(canvas, foot, y)
    if lacking:
        _put(canvas, note, y + foot.height + 8)
    return canvas


def _texts(what: Plan) -> Iterable[str]:
    """Everything that is drawn, but for the note about what the font lacks."""
    yield from (what.title, what.subtitle, what.home, what.foot)
    for band in what.bands:
        yield band.title
        for seated in (band.lead, *band.beside):
            yield from (seated.label, seated.names)
        yield from band.units


def _lines(text: str, x: float, y: float, size: float, colour: str, most: float) -> _Layout:
    """Text from its upper edge y on, in as many lines as it takes."""
    layout = _Layout(height=y)
    for line in wrapped(text, size, most) if text else ():
        layout.inks.append(_Ink(x, layout.height + size * LEADING / 2, line, size, colour))
        layout.height += size * LEADING
    return layout


def _band(band: Band) -> _Layout:
    """One level: the party's line on the left, the workers' beside it, the units below."""
    left = _lines(band.title, LEFT, TOP, 50, ACCENT, COLUMN)
    right = _Layout(height=TOP)
    if band.beside:
        _add_below(left, band.lead)
    for seated in band.beside or [band.lead]:
        _add_beside(right, seated)
    whole = _Layout([*left.inks, *right.inks], [], max(left.height, right.height))
    if band.units:
        _add_units(whole, band)
    whole.height += TOP
    return whole


def _add_below(layout: _Layout, seated: Seated) -> None:
    """Who leads a level, below its title: the role in small letters, the names in large ones."""
    label = _lines(seated.label, LEFT, layout.height + 4, 36, SOFT, COLUMN)
    names = _names(seated, LEFT, label.height, COLUMN)
    layout.inks += [*label.inks, *names.inks]
    layout.height = names.height


def _add_beside(layout: _Layout, seated: Seated) -> None:
    """A role, and who answers in it on the same line."""
    names = _names(seated, NAMES, layout.height, WIDTH - LEFT - NAMES)
    # The first lines of both stand on one height, whatever their sizes.
    shift = (names.inks[0].y - layout.height) - 36 * LEADING / 2 if names.inks else 0
    label = _lines(seated.label, RIGHT, layout.height + shift, 36, SOFT, NAMES - RIGHT - 8)
    layout.inks += [*label.inks, *names.inks]
    layout.height = max(label.height, names.height) + 4


def _names(seated: Seated, x: float, y: float, most: float) -> _Layout:
    if seated.vacant:
        return _lines(seated.names, x, y, 38, SOFT, most)
    return _lines(seated.names, x, y, 48, INK, most)


def _add_units(layout: _Layout, band: Band) -> None:
    """The member units, each in a box of its own, as many in a row as fit."""
    title = _lines(band.units_title, LEFT, layout.height + 14, 34, SOFT, WIDE)
    layout.inks += title.inks
    x, y, row = float(LEFT), title.height + 10, 0.0
    for unit in band.units:
        lines = wrapped(unit, 36, WIDE - 40)
        wide = max(text_width(line, 36) for line in lines) + 40
        high = 36 * LEADING * len(lines) + 16
        if x > LEFT and x + wide > LEFT + WIDE:
            x, y, row = float(LEFT), y + row + 12, 0.0
        layout.chips.append(_Chip(x, y, wide, high))
        layout.inks += _lines(unit, x + 20, y + 8, 36, INK, WIDE - 40).inks
        x, row = x + wide + 12, max(row, high)
    layout.height = y + row


def _put(canvas: Canvas, layout: _Layout, y: float) -> None:
    for chip in layout.chips:
        canvas.box(chip.x, y + chip.y, chip.width, chip.height, PAPER)
    for ink in layout.inks:
        canvas.write(ink.x, y + ink.y, ink.text, ink.size, ink.colour)


def _arrow(canvas: Canvas, y: float) -> None:
    """From one level up to the next."""
    middle = LEFT + 60
    canvas.axes.plot(
        [middle, middle], [y + GAP, y + 18], color=ACCENT, linewidth=6, solid_capstyle="butt"
    )
    canvas.axes.fill(
        [middle - 22, middle, middle + 22], [y + 26, y + 4, y + 26], color=ACCENT, linewidth=0
    )
