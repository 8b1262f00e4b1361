"""Importing guides and frequent questions, and writing them out as they stand.

What a list does not mention stays; what is wanted no more is switched off (停用), since errands
that were filed with it still need its steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from storage import areas, guides
from storage.guides import Faq, Guide, Paper
from storage.importing.places import Places
from storage.importing.reading import Row, fields, headings
from storage.importing.report import Bad, BadRow, Item, Outcome
from storage.importing.service_cells import means_yes, yes_or_no
from storage.names import bare

LONGEST = {
    "title": 24, "words": 400, "what": 120, "who": 300, "place": 300, "hours": 200, "takes": 200,
    "cost": 200, "phone": 32, "source": 64, "question": 60, "answer": 400,
}  # fmt: skip
"""Characters of a cell. A title stands on a button, an answer is one short message."""
PLAIN = ("what", "who", "place", "hours", "takes", "cost", "phone", "source")
MOST_PAPERS = 15
"""More of them nobody photographs one by one."""

_COMMA = "\N{IDEOGRAPHIC COMMA}"
_SEMICOLON = "\N{FULLWIDTH SEMICOLON}"
_OPEN, _CLOSE = "\N{FULLWIDTH LEFT PARENTHESIS}", "\N{FULLWIDTH RIGHT PARENTHESIS}"
_WORD = re.compile(rf"\s*[{_COMMA},\N{{FULLWIDTH COMMA}};{_SEMICOLON}\n]\s*")
_PAPER = re.compile(rf"\s*[;{_SEMICOLON}\n]\s*")
_STEP = re.compile(r"\s*(?:[>→\n]|-+>)\s*")
_NOTE = re.compile(rf"(.+?)\s*[({_OPEN}](.*)[){_CLOSE}]")


def _split(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in pattern.split(text.strip()) if part))


def _papers(text: str) -> tuple[Paper, ...]:
    """身份证（原件）；户口簿: each with its note in brackets. Raises Bad."""
    parts = [part for part in _PAPER.split(text.strip()) if part]
    found = []
    for part in parts:
        noted = _NOTE.fullmatch(part)
        found.append(Paper(noted[1], noted[2]) if noted else Paper(part))
    names = [paper.name for paper in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise Bad("paper_twice", value=twice)
    if len(found) > MOST_PAPERS:
        raise Bad("papers_many", most=MOST_PAPERS)
    return tuple(found)


def _written(paper: Paper) -> str:
    return f"{paper.name}{_OPEN}{paper.note}{_CLOSE}" if paper.note else paper.name


def _day(row: Row) -> date | None:
    """The day in a cell, written in any usual way; None where it is empty. Raises Bad."""
    if not row.cells.get("checked_on"):
        return None
    text = row.date_or_text("checked_on", 32)
    try:
        return date(*map(int, re.findall(r"\d+", text)))
    except (TypeError, ValueError):
        column = row.headings["checked_on"]
        raise Bad("date_bad", column=column, value=text) from None


def _active(row: Row, known: bool) -> bool:
    """What the column 停用 says, turned round. Raises Bad."""
    if not row.has("off"):
        return known
    text = row.text("off", 16)
    off = means_yes(text) if text else False
    if off is None:
        raise Bad("off_bad", column=row.headings["off"], value=text)
    return not off


class GuideRows:
    """Checks and applies the rows of a list of guides."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._known = {guide.key: guide for guide in guides.every_guide(session)}
        self._by_title = {bare(guide.title): guide for guide in self._known.values()}
        self._places = Places(session)
        self._seen: dict[str, int] = {}

    def check(self, row: Row) -> Guide:
        """The guide that a row says. Raises Bad."""
        guide = self._meant(row.text("code", guides.LONGEST_KEY), self._title(row))
        if guide.key in self._seen:
            raise Bad("row_twice", first=self._seen[guide.key])
        self._seen[guide.key] = row.number
        facts: dict[str, Any] = {
            field: row.text(field, LONGEST[field]) for field in PLAIN if row.has(field)
        }
        if row.has("group") or not guide.group:
            facts["group"] = self._group(row.text("group", 32))
        if row.has("words"):
            facts["words"] = _split(_WORD, row.text("words", LONGEST["words"]))
        if row.has("papers"):
            facts["papers"] = _papers(row.text("papers"))
        if row.has("steps"):
            facts["steps"] = self._steps(row.text("steps", 200))
        if row.has("area"):
            area = row.text("area", 100)
            facts["area_id"] = self._places.path(area) if area else None
        if row.has("checked_on"):
            facts["checked_on"] = _day(row)
        active = _active(row, guide.active)
        return replace(guide, title=self._title(row), active=active, **facts)

    @staticmethod
    def _title(row: Row) -> str:
        return row.needed("title", LONGEST["title"])

    def _meant(self, code: str, title: str) -> Guide:
        """The guide of a code, else of a title, else a new one."""
        if code and code not in self._known:
            raise Bad("guide_code_unknown", value=code)
        known = self._known.get(code) or self._by_title.get(bare(title))
        if known is not None:
            return known
        key = guides.new_key(title, [*self._known, *self._seen])
        return Guide(key, "", title, steps=guides.usual_steps())

    @staticmethod
    def _group(text: str) -> str:
        for key, label in guides.groups().items():
            if bare(text) in (key, bare(label)):
                return key
        raise Bad("group_unknown", value=text, known=_COMMA.join(guides.groups().values()))

    @staticmethod
    def _steps(text: str) -> tuple[str, ...]:
        steps = _split(_STEP, text) or guides.usual_steps()
        if len(steps) < 2:
            raise Bad("steps_few", value=text)
        return steps

    def check_together(self, items: list[Item[Guide]]) -> list[BadRow]:
        """Nothing here depends on another row."""
        return []

    def apply(self, items: list[Item[Guide]]) -> Iterator[Outcome]:
        """Write the guides down; what became of each."""
        for item in items:
            yield guides.set_guide(self._session, item.content)


class FaqRows:
    """Checks and applies the rows of a list of frequent questions."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._known = {faq.key: faq for faq in guides.every_faq(session)}
        known = guides.every_guide(session)
        self._guides = {guide.key: guide.key for guide in known}
        self._guides |= {bare(guide.title): guide.key for guide in known}
        self._seen: dict[str, int] = {}

    def check(self, row: Row) -> Faq:
        """The question that a row says. Raises Bad."""
        question = row.needed("question", LONGEST["question"])
        answer = row.needed("answer", LONGEST["answer"])
        code = row.text("code", guides.LONGEST_KEY)
        if code and code not in self._known:
            raise Bad("guide_code_unknown", value=code)
        key = code or guides.faq_key(question)
        if key in self._seen:
            raise Bad("row_twice", first=self._seen[key])
        self._seen[key] = row.number
        faq = replace(
            self._known.get(key) or Faq(key, question, answer), question=question, answer=answer
        )
        if row.has("guide"):
            faq = replace(faq, guide=self._guide(row.text("guide", 64)))
        if row.has("words"):
            faq = replace(faq, words=_split(_WORD, row.text("words", LONGEST["words"])))
        return replace(faq, active=_active(row, faq.active))

    def _guide(self, text: str) -> str:
        if not text:
            return ""
        found = self._guides.get(text) or self._guides.get(bare(text))
        if found is None:
            raise Bad("guide_unknown", value=text)
        return found

    def check_together(self, items: list[Item[Faq]]) -> list[BadRow]:
        """Nothing here depends on another row."""
        return []

    def apply(self, items: list[Item[Faq]]) -> Iterator[Outcome]:
        """Write the questions down; what became of each."""
        for item in items:
            yield guides.set_faq(self._session, item.content)


def guide_lines(session: Session) -> list[list[str]]:
    """The guides as they stand, as the lines of a list that can be imported again."""
    return [headings("guides"), *(_guide_line(session, g) for g in guides.every_guide(session))]


def _guide_line(session: Session, guide: Guide) -> list[str]:
    cells = {field: getattr(guide, field) for field in ("title", *PLAIN)}
    cells |= {
        "code": guide.key,
        "group": guides.groups().get(guide.group, guide.group),
        "words": _COMMA.join(guide.words),
        "papers": _SEMICOLON.join(map(_written, guide.papers)),
        "steps": " > ".join(guide.steps),
        "area": _path(session, guide.area_id),
        "checked_on": guide.checked_on.isoformat() if guide.checked_on else "",
        "off": yes_or_no(not guide.active),
    }
    return [cells[field] for field in fields("guides")]


def _path(session: Session, area_id: int | None) -> str:
    if area_id is None:
        return ""
    lineage = areas.get(session, area_id).lineage
    names = [areas.get(session, one).name for one in lineage]
    return "/".join(names[1:] or names)


def faq_lines(session: Session) -> list[list[str]]:
    """The questions as they stand, as the lines of a list that can be imported again."""
    titles = {guide.key: guide.title for guide in guides.every_guide(session)}
    lines = [headings("faqs")]
    for faq in guides.every_faq(session):
        cells = {
            "code": faq.key,
            "question": faq.question,
            "answer": faq.answer,
            "guide": titles.get(faq.guide, faq.guide),
            "words": _COMMA.join(faq.words),
            "off": yes_or_no(not faq.active),
        }
        lines.append([cells[field] for field in fields("faqs")])
    return lines
