"""Where each chat's conversation stands: the answers so far, and the question that is open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, SealedJson


class Conversation(Base):
    """One row a chat, kept between conversations (then `name` is empty).

    state: {"args": {}, "answers": [[key, value], ...], "draft": a half-given answer,
    "sources": {key: {message id: words}} of answers given in words, "parked": the conversations
    left for others, in the same form, "pressed_last": the [outbox id, value] that was picked
    last}, sealed.
    asked_ref: the outbox id of the message whose choices a typed number picks from, or None.
    misses: how often in a row the open question got no sense.
    interrupted: a message with choices of its own came in between, so that a bare number could
    mean either.
    """

    __tablename__ = "conversations"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[dict[str, Any]] = mapped_column(SealedJson, default=dict)
    asked_ref: Mapped[int | None]
    misses: Mapped[int] = mapped_column(default=0)
    interrupted: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime]


def of(session: Session, account_id: int, now: datetime) -> Conversation:
    """The row of this chat, made when there is none, and held until the message is stored.

    On PostgreSQL a message of another chat may push a card into this one at the same moment: who
    comes second waits, and sees what the first made of it.
    """
    known = session.identity_map.get(session.identity_key(Conversation, account_id))
    if isinstance(known, Conversation):
        return known  # ours already; asking again would overwrite what is not flushed yet
    row = _held(session, account_id)
    if row is not None:
        return row
    try:
        with session.begin_nested():
            row = Conversation(account_id=account_id, name="", state={}, misses=0, updated_at=now)
            row.interrupted = False
            session.add(row)
    except IntegrityError:
        row = _held(session, account_id)
        if row is None:
            raise
    return row


def _held(session: Session, account_id: int) -> Conversation | None:
    return session.scalars(_HELD, {"account": account_id}).first()


_HELD = (
    select(Conversation)
    .where(Conversation.account_id == bindparam("account"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
