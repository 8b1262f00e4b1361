"""Group chats that serve a team: cards of their area land there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import areas
from storage.base import Base
from storage.outbox import OutboundMessage, OutState


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


class TeamCard(Base):
    """The card of a ticket that stands in a team's group: what the thread there answers to.

    ref: its row in the outbox, which is changed as the ticket moves on.
    """

    __tablename__ = "team_cards"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team_chats.id"), primary_key=True)
    ref: Mapped[int] = mapped_column(ForeignKey("outbox.id"))


def bind(
    session: Session, channel: str, chat: str, area_id: int, by: int, now: datetime
) -> TeamChat:
    """From now on the group serves this area."""
    team = session.scalars(
        select(TeamChat).where(TeamChat.channel == channel, TeamChat.chat == chat)
    ).first()
    if team is None:
        team = TeamChat(channel=channel, chat=chat)
        session.add(team)
    team.area_id, team.set_by, team.since, team.until = area_id, by, now, None
    session.flush()
    return team


def end(session: Session, team: TeamChat, now: datetime) -> None:
    """The group serves no team any more."""
    team.until = now
    session.flush()


def lost(session: Session, now: datetime, limit: int = 20) -> list[int]:
    """The groups that nothing gets to any more: the bot was put out, or Telegram gave the group
    another id."""
    turned_away = exists().where(
        OutboundMessage.channel == TeamChat.channel,
        OutboundMessage.chat == TeamChat.chat,
        OutboundMessage.state == OutState.BLOCKED,
        OutboundMessage.created_at >= TeamChat.since,
        OutboundMessage.created_at <= now,
    )
    query = select(TeamChat.id).where(TeamChat.until.is_(None), turned_away)
    return list(session.scalars(query.order_by(TeamChat.id).limit(limit)))


def keep_card(session: Session, team: TeamChat, ticket_id: int, ref: int) -> None:
    """Remember the card that stands in the group."""
    session.add(TeamCard(ticket_id=ticket_id, team_id=team.id, ref=ref))
    session.flush()


def cards(session: Session, ticket_id: int) -> list[tuple[TeamChat, int]]:
    """The groups in which a card of the ticket stands and which still serve, each with its ref."""
    rows = session.execute(
        select(TeamChat, TeamCard.ref)
        .join(TeamCard, TeamCard.team_id == TeamChat.id)
        .where(TeamCard.ticket_id == ticket_id, TeamChat.until.is_(None))
        .order_by(TeamChat.id)
    )
    return [(team, ref) for team, ref in rows]


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
