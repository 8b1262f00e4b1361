"""People, and the accounts they speak through: one person may have several, one per chat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.base import Base, Sealed


class Person(Base):
    """Someone: a resident, a worker, or both.

    phone_hash: keyed hash of the number, for look-ups. phone_proven: the number is known to be
    theirs (the county listed it, or the platform vouched for it); only such a number proves a post.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), default="")
    phone: Mapped[str | None] = mapped_column(Sealed)
    phone_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    phone_proven: Mapped[bool] = mapped_column(default=False)
    home_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    consented_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Account(Base):
    """A person in one chat of one channel.

    token_hash: for the page, the keyed hash of the personal link's token.
    large_print: the person asked for big type.
    """

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("channel", "chat"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    large_print: Mapped[bool] = mapped_column(default=False)
    blocked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime]
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
