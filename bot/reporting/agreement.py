"""人民调解协议书 as a Word document: one sheet of A4 that WPS and Word open, with lines to sign on.

All words stand in ``templates/mediation/agreement_text.j2``. What people wrote is put in as text
only: the library escapes it, and what XML has no way to hold is taken out.
"""

from __future__ import annotations

import io
import unicodedata
from typing import Any

from docx import Document
from docx.document import Document as Paper_
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from bot.wording import Wording
from handlers.mediation.agreement import AgreementText

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEMPLATE = "mediation/agreement_text"
FONT = "SimSun"
"""宋体 by the name that Word and WPS both know; a computer without it takes another."""
WIDTH, HEIGHT, MARGIN = Cm(21), Cm(29.7), Cm(2)
POINTS_A_CM = 72 / 2.54
SHEET = (29.7 - 2 * 2.0) * POINTS_A_CM
"""Height of a sheet between its margins, in points."""
SIZES = (12.0, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5)
"""Sizes of the text in points, the largest first: the first that fits one sheet is taken."""
LEADING = 1.35
"""Height of a line, in sizes of its text: single spacing of 宋体 and a little more."""


def plain(text: str) -> str:
    """`text` on one line, without what XML cannot hold or what turns the direction of reading."""
    kept = (
        one
        for one in " ".join(text.split())
        if unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return "".join(kept)


def clean(agreed: AgreementText) -> dict[str, Any]:
    """The facts of the template, every text of them plain."""
    facts: dict[str, Any] = {
        name: plain(getattr(agreed, name))
        for name in ("community", "facts", "blame", "how", "until", "mediator", "subject")
    }
    facts["points"] = [plain(one) for one in agreed.points]
    facts["agreed_at"] = agreed.agreed_at
    facts["parties"] = [
        {
            "name": plain(one.name),
            "phone": plain(one.phone),
            "at": one.confirmed_at,
            "noted": one.noted,
        }
        for one in agreed.parties
    ]
    return facts


def lines_of(wording: Wording, agreed: AgreementText) -> list[tuple[str, str]]:
    """(block, line) of everything the document says, from top to bottom."""
    facts = clean(agreed)
    found = []
    for block in ("title", "number", "parties", "matter", "points", "keeping", "law", "signing"):
        text = wording.render(TEMPLATE, facts, block)
        found += [(block, line.strip()) for line in text.splitlines() if line.strip()]
    return found


def size_for(lines: list[tuple[str, str]]) -> float:
    """The largest size at which the lines fit one sheet, reckoned with full-width characters; the
    smallest where none does (then it takes a second sheet)."""
    for size in SIZES:
        if height_of(lines, size) <= SHEET:
            return size
    return SIZES[-1]


def height_of(lines: list[tuple[str, str]], size: float) -> float:
    """How high the lines stand at this size, in points."""
    per_line = int((21 - 2 * 2.0) * POINTS_A_CM / size)
    height = 0.0
    for block, line in lines:
        wide = sum(1 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in line)
        rows = -(-int(wide + 2) // per_line)
        height += rows * size * LEADING * (2.0 if block in ("title", "signing") else 1.0)
    return height


def write(wording: Wording, agreed: AgreementText) -> bytes:
    """The document as a .docx file."""
    lines = lines_of(wording, agreed)
    size = size_for(lines)
    document = _blank(size)
    document.core_properties.title = lines[0][1]
    document.core_properties.author = document.core_properties.comments = ""
    document.core_properties.created = document.core_properties.modified = agreed.agreed_at
    for block, line in lines:
        paragraph = document.add_paragraph()
        run = paragraph.add_run(line)
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = 1.0
        if block == "title":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.space_after = Pt(size / 2)
            run.bold = True
            run.font.size = Pt(size * 1.6)
        elif block == "number":
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        elif block == "signing":
            paragraph.paragraph_format.space_before = Pt(size * 0.8)
        else:
            paragraph.paragraph_format.first_line_indent = Pt(size * 2)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _blank(size: float) -> Paper_:
    """An empty sheet of A4 in one font."""
    document = Document()
    sheet = document.sections[0]
    sheet.page_width, sheet.page_height = WIDTH, HEIGHT
    sheet.left_margin = sheet.right_margin = sheet.top_margin = sheet.bottom_margin = MARGIN
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(size)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for which in ("w:eastAsia", "w:ascii", "w:hAnsi"):
        fonts.set(qn(which), FONT)
    return document
