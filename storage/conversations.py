"""Where each chat's conversation stands: the answers so far, and the question that is open."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, SealedJson


class Conversation(Base):
    """One row a chat, kept between conversations (then `name` is empty).

    state: {"args": {}, "answers": [[key, value], ...], "asked": {"key", "shown"...}}, sealed.
    asked_ref: the outbox id of the message whose choices a typed number picks from.
    misses: how often in a row the open question got no sense.
    """

    __tablename__ = "conversations"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[dict[str, Any]] = mapped_column(SealedJson, default=dict)
    asked_ref: Mapped[int | None]
    misses: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime]
