"""What came in: every event once, by the platform's own id, with what was said, sealed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, SealedJson


class InboundState(StrEnum):
    """held: part of an album that is still being gathered. failed: kept, but not understood."""

    DONE = "done"
    HELD = "held"
    FAILED = "failed"


class InboundMessage(Base):
    """One event of one channel. The unique key is what makes a redelivery change nothing."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "event_id"),
        Index("ix_inbox_channel_chat", "channel", "chat"),
        Index("ix_inbox_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    event_id: Mapped[str] = mapped_column(String(96))
    chat: Mapped[str] = mapped_column(String(64))
    group: Mapped[str | None] = mapped_column("group_id", String(64))
    state: Mapped[str] = mapped_column(String(8))
    payload: Mapped[dict[str, Any]] = mapped_column(SealedJson)
    received_at: Mapped[datetime]
