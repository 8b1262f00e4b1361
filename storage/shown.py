"""Which ticket a message in a chat shows, so that a reply to it is known to belong there."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.ticket_tables import TicketMessage


def tie(session: Session, channel: str, chat: str, message_id: str, ticket_id: int) -> None:
    """Remember that a message in a chat shows a ticket; again does nothing."""
    known = session.scalar(
        select(TicketMessage.id).where(
            TicketMessage.channel == channel,
            TicketMessage.chat == chat,
            TicketMessage.message_id == message_id,
        )
    )
    if known is None:
        session.add(
            TicketMessage(channel=channel, chat=chat, message_id=message_id, ticket_id=ticket_id)
        )


def tied(session: Session, channel: str, chat: str, message_id: str) -> int | None:
    """The ticket that a message in a chat shows."""
    return session.scalar(
        select(TicketMessage.ticket_id).where(
            TicketMessage.channel == channel,
            TicketMessage.chat == chat,
            TicketMessage.message_id == message_id,
        )
    )
