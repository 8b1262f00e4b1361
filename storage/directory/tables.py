"""The search's tables: words that admins teach, what was not found, the directory's mark."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base

LONGEST_WORD = 32
LONGEST_MISS = 100


class NeedWord(Base):
    """A word that means a need. category: a need's key or title, or a 类别 of the directory."""

    __tablename__ = "need_words"

    word: Mapped[str] = mapped_column(String(LONGEST_WORD), primary_key=True)
    category: Mapped[str] = mapped_column(String(32))
    taught_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    taught_at: Mapped[datetime]


class MissedSearch(Base):
    """Words that found nothing, and how often. Nobody is kept who said them."""

    __tablename__ = "missed_searches"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(LONGEST_MISS), unique=True)
    times: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class DirectoryMark(Base):
    """One row that is another one after every change of what is searched."""

    __tablename__ = "directory_marks"

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(32))
