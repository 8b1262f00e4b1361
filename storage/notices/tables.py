"""The tables of notices: the notice, and the ledger of who was to have it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base


class NoticeState(StrEnum):
    """waiting (for a second admin) → scheduled → sending ⇄ paused → done | cancelled."""

    WAITING = "waiting"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class ReceiptState(StrEnum):
    """queued → handed (its outbox row is written) → sent | failed | blocked.

    unreachable: nobody of that door has a chat. blocked: there are chats, and each has shut us out.
    declined: whoever of that door could be written to wants no ordinary notices.
    """

    QUEUED = "queued"
    HANDED = "handed"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"
    DECLINED = "declined"


FILE_LOST = "file: "
"""How the reason of a receipt begins whose words arrived and one of whose files did not."""
UNREACHED = (ReceiptState.UNREACHABLE, ReceiptState.BLOCKED, ReceiptState.FAILED)
"""Whom no channel reached."""


class Notice(Base):
    """What is told to many. Its words are public within its audience, so they are not sealed.

    area_id: the area of the admin who wrote it, beyond which its audience never reaches.
    audience: see storage.notices.audience. files: media ids. text_version: grows with each
    correction. wants_ack: 已阅 is asked for. emergency: goes out in quiet hours too. once: what may
    have arrived is never sent again. starts_at: not before this moment. approver_id: the second
    admin, where the size asked for one. board_ref: the outbox id of the progress in the author's
    chat; board_at: when that is next brought up to date. listed_at: when the visiting lists went
    out. proposal, proposer_id: new words that wait for a second admin, and whose they are.
    changing: a correction is on its way to those who have it, whatever the state. remind_at: when
    those who may agree are asked again. keeper_id: who is told how it goes, where the author may
    not see it any more.
    those who may agree are asked again.
    wants_reply: people are asked for their opinion (`storage.notices.replies`). source: which
    messages said the words: {"channel", "chat", "from": {message id: its words}}.
    """

    __tablename__ = "notices"
    __table_args__ = (Index("ix_notices_state", "state", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    text: Mapped[str] = mapped_column(Text)
    text_version: Mapped[int] = mapped_column(default=1)
    files: Mapped[list[int]] = mapped_column(JSON, default=list)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON)
    wants_ack: Mapped[bool] = mapped_column(default=False)
    emergency: Mapped[bool] = mapped_column(default=False)
    once: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    starts_at: Mapped[datetime]
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    approved_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    listed_at: Mapped[datetime | None]
    board_ref: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    board_at: Mapped[datetime | None]
    wants_reply: Mapped[bool] = mapped_column(default=False, server_default=false())
    source: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    proposal: Mapped[str | None] = mapped_column(Text)
    proposer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    changing: Mapped[bool] = mapped_column(default=False, server_default=false())
    remind_at: Mapped[datetime | None]
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Receipt(Base):
    """One who was to have a notice: a household, or (among the staff) a person.

    person_id: whose chat it goes to. building_id: where the household is. channel, chat: where it
    goes or went. tried: the chats ("channel:chat") that did not take it before. outbox_id: the row
    that carries (or carried) the words; what stands before them names this receipt. reason: why it
    is not whole; of one that is handed, that a file of it did not arrive. uncertain: it may have
    arrived, or arrived twice. text_version: which words stand there. edit_id: the row that carries
    a correction; edit_version: which words the newest one carried, whatever became of it.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        UniqueConstraint("notice_id", "household_id"),
        Index("ix_receipts_notice_id_state", "notice_id", "state"),
        # What is still to be handed on: looked at all the time while a notice goes out.
        Index(
            "ix_receipts_queued",
            "notice_id",
            "id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index("ix_receipts_outbox_id", "outbox_id"),
        Index("ix_receipts_edit_id", "edit_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    household_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    channel: Mapped[str | None] = mapped_column(String(32))
    chat: Mapped[str | None] = mapped_column(String(64))
    tried: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(160), default="", server_default="")
    uncertain: Mapped[bool] = mapped_column(default=False)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    edit_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))
    text_version: Mapped[int] = mapped_column(default=0)
    edit_version: Mapped[int] = mapped_column(default=0, server_default="0")
    settled_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
