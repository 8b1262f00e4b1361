"""Guides (办事指南): what an errand is, who can, with what papers, where; and frequent questions.

The program comes with general ones (`storage/data/guides/*.toml`), which are copied into the
database; a county changes them by a list. What nobody here has checked yet has no `checked_on`.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import areas
from storage.areas import Area
from storage.base import Base
from storage.entries import Outcome
from storage.names import bare, pinyin, simplify

DATA = Path(__file__).parent / "data" / "guides"
LONGEST_KEY = 40


@dataclass(frozen=True, slots=True)
class Paper:
    """One thing to bring. note: original or copy (原件), empty where that goes without saying."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """One errand. group: a key of groups.toml. words: what people call it. steps: what a helper
    tells the resident on the way, the last of them ends it. area_id: where it holds, None for the
    whole county. checked_on: when somebody here checked it, None for what the program came with.
    """

    key: str
    group: str
    title: str
    words: tuple[str, ...] = ()
    what: str = ""
    who: str = ""
    papers: tuple[Paper, ...] = ()
    place: str = ""
    hours: str = ""
    takes: str = ""
    cost: str = ""
    phone: str = ""
    steps: tuple[str, ...] = ()
    area_id: int | None = None
    checked_on: date | None = None
    source: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Faq:
    """One frequent question and its answer. guide: the key of what it is about, or empty.
    words: the same question in other words."""

    key: str
    question: str
    answer: str
    guide: str = ""
    words: tuple[str, ...] = ()
    active: bool = True


class GuideRow(Base):
    """The row behind a `Guide`; where it holds and what it says, nothing of anybody."""

    __tablename__ = "guides"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    checked_on: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)


class FaqRow(Base):
    """The row behind a `Faq`."""

    __tablename__ = "faqs"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(LONGEST_KEY), unique=True)
    question: Mapped[str] = mapped_column(String(200))
    answer: Mapped[str] = mapped_column(String(1000))
    guide: Mapped[str] = mapped_column(String(LONGEST_KEY), default="")
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    active: Mapped[bool] = mapped_column(default=True)


BESIDE = ("key", "area_id", "checked_on", "active")
"""Fields with a column of their own; the others are `content`."""


@cache
def groups() -> dict[str, str]:
    """The kinds of errands by key, in the order people are shown them."""
    return dict(tomllib.loads((DATA / "groups.toml").read_text("utf-8"))["groups"])


@cache
def group_words() -> dict[str, list[str]]:
    """Words that name a kind of errands and no single one, by the kind's key."""
    return dict(tomllib.loads((DATA / "groups.toml").read_text("utf-8"))["words"])


@cache
def steps_told() -> dict[str, str]:
    """What a resident is told at a step, by the step's label; other steps are just named."""
    return dict(tomllib.loads((DATA / "groups.toml").read_text("utf-8"))["steps"])


@cache
def _steps_said() -> dict[str, str]:
    """Patterns of what workers say when a step is done, by the step's label."""
    return dict(tomllib.loads((DATA / "groups.toml").read_text("utf-8"))["steps_said"])


def step_said(text: str, steps: Sequence[str]) -> str | None:
    """The one of these steps that the words say is done; None for none."""
    known = _steps_said()
    word = bare(simplify(text))
    for step in steps:
        if word == bare(step) or (step in known and re.fullmatch(known[step], word)):
            return step
    return None


def usual_steps() -> tuple[str, ...]:
    """The steps of a guide that names none of its own."""
    return tuple(steps_told())


@cache
def shipped() -> tuple[tuple[Guide, ...], tuple[Faq, ...]]:
    """What the program comes with. Raises KeyError or TypeError for a file that is not whole."""
    guides: list[Guide] = []
    faqs: list[Faq] = []
    for group in groups():
        content = tomllib.loads((DATA / f"{group}.toml").read_text("utf-8"))
        for row in content["guides"]:
            asked = row.pop("faqs", [])
            guide = _read({"steps": usual_steps(), **row, "group": group})
            guides.append(guide)
            faqs += [_faq(one, guide.key) for one in asked]
        faqs += [_faq(one, "") for one in content.get("faqs", [])]
    return tuple(guides), tuple(faqs)


def _read(row: dict[str, Any]) -> Guide:
    papers = tuple(Paper(*one) for one in row.get("papers", ()))
    lists = {name: tuple(row.get(name, ())) for name in ("words", "steps")}
    return Guide(**{**row, **lists, "papers": papers})


def _faq(row: dict[str, Any], guide: str) -> Faq:
    words = tuple(row.get("words", ()))
    return Faq(faq_key(row["ask"]), row["ask"], row["answer"], guide, words)


def faq_key(question: str) -> str:
    """The key of a question, by its words."""
    return hashlib.sha256(bare(question).encode()).hexdigest()[:12]


def new_key(title: str, known: Iterable[str]) -> str:
    """A key for a guide that a list brings: its title in letters, with a number where taken."""
    taken = set(known)
    start = pinyin(title)[0][:32] or "guide"
    return next(
        key
        for n in range(1, len(taken) + 2)
        if (key := f"{start}{n if n > 1 else ''}") not in taken
    )


def plant(session: Session) -> None:
    """Copy into the database what the program comes with and the database does not know yet."""
    guides, faqs = shipped()
    known = set(session.scalars(select(GuideRow.key)))
    asked = set(session.scalars(select(FaqRow.key)))
    session.add_all(_row(guide) for guide in guides if guide.key not in known)
    session.add_all(_faq_row(faq) for faq in faqs if faq.key not in asked)
    session.flush()


def _content(guide: Guide) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(guide).items() if name not in BESIDE}
    return {
        **plain,
        "words": list(guide.words),
        "steps": list(guide.steps),
        "papers": [[paper.name, paper.note] for paper in guide.papers],
    }


def _row(guide: Guide) -> GuideRow:
    beside = {name: getattr(guide, name) for name in BESIDE}
    return GuideRow(**beside, content=_content(guide))


def _faq_row(faq: Faq) -> FaqRow:
    return FaqRow(**{**asdict(faq), "words": list(faq.words)})


def _guide(row: GuideRow) -> Guide:
    return _read({**row.content, **{name: getattr(row, name) for name in BESIDE}})


def every_guide(session: Session) -> list[Guide]:
    """Every guide, the ones switched off too, in the order they were made."""
    return [_guide(row) for row in session.scalars(select(GuideRow).order_by(GuideRow.id))]


def every_faq(session: Session) -> list[Faq]:
    """Every question, the ones switched off too, in the order they were made."""
    return [
        Faq(row.key, row.question, row.answer, row.guide, tuple(row.words), row.active)
        for row in session.scalars(select(FaqRow).order_by(FaqRow.id))
    ]


def for_home(session: Session, home_id: int | None) -> list[Guide]:
    """The guides that hold where somebody lives; of the whole county where that is not known."""
    lineage: Sequence[int] = areas.get(session, home_id).lineage if home_id else ()
    return [
        guide
        for guide in every_guide(session)
        if guide.active and (guide.area_id is None or guide.area_id in lineage)
    ]


def faqs_of(session: Session, guide: str) -> list[Faq]:
    """The frequent questions about one guide."""
    return [faq for faq in every_faq(session) if faq.active and faq.guide == guide]


def get(session: Session, key: str) -> Guide | None:
    """The guide of a key, switched off or not."""
    row = session.scalars(select(GuideRow).where(GuideRow.key == key)).first()
    return _guide(row) if row else None


def get_faq(session: Session, key: str) -> Faq | None:
    """The question of a key."""
    return next((faq for faq in every_faq(session) if faq.key == key), None)


def set_guide(session: Session, guide: Guide) -> Outcome:
    """Write a guide down under its key; what became of it."""
    row = session.scalars(select(GuideRow).where(GuideRow.key == guide.key)).first()
    if row is None:
        session.add(_row(guide))
        session.flush()
        return "added"
    if _guide(row) == guide:
        return "unchanged"
    row.content = _content(guide)
    for name in BESIDE:
        setattr(row, name, getattr(guide, name))
    session.flush()
    return "changed"


def set_faq(session: Session, faq: Faq) -> Outcome:
    """Write a question down under its key; what became of it."""
    row = session.scalars(select(FaqRow).where(FaqRow.key == faq.key)).first()
    if row is None:
        session.add(_faq_row(faq))
        session.flush()
        return "added"
    facts = {**asdict(faq), "words": list(faq.words)}
    if all(getattr(row, name) == value for name, value in facts.items()):
        return "unchanged"
    for name, value in facts.items():
        setattr(row, name, value)
    session.flush()
    return "changed"


def area_of(session: Session, guide: Guide) -> Area | None:
    """Where a guide holds, if not in the whole county."""
    return areas.get(session, guide.area_id) if guide.area_id is not None else None
