"""Group chats that serve a team: cards of their area land there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import areas
from storage.base import Base


class TeamChat(Base):
    """A group of one channel that serves an area, from when until when."""

    __tablename__ = "team_chats"
    __table_args__ = (UniqueConstraint("channel", "chat"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(64))
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"), index=True)
    set_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


def of_chat(session: Session, channel: str, chat: str) -> TeamChat | None:
    """The team that this group serves now."""
    return session.scalars(
        select(TeamChat).where(
            TeamChat.channel == channel, TeamChat.chat == chat, TeamChat.until.is_(None)
        )
    ).first()


def serving(session: Session, area_id: int) -> TeamChat | None:
    """The nearest team's group up the tree from an area."""
    lineage = areas.get(session, area_id).lineage
    rows = session.scalars(
        select(TeamChat).where(TeamChat.area_id.in_(lineage), TeamChat.until.is_(None))
    )
    found = {row.area_id: row for row in rows}
    return next((found[step] for step in reversed(lineage) if step in found), None)
