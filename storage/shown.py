"""Which ticket a message in a chat shows, so that a reply to it is known to belong there."""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.prepared import Prepared, parameters
from storage.ticket_tables import TicketMessage


def tie(session: Session, channel: str, chat: str, message_id: str, ticket_id: int) -> None:
    """Remember that a message in a chat shows a ticket; again does nothing."""
    session.flush()  # the ticket may be new, and the statement goes past the session
    dialect = session.connection().dialect.name
    _TIE[dialect].rows(
        session, channel=channel, chat=chat, message_id=message_id, ticket_id=ticket_id
    )


_TABLE = cast("Table", TicketMessage.__table__)
_ROW = parameters(_TABLE, but=("id",))
_TIE = {
    "sqlite": Prepared(sqlite.insert(_TABLE).values(_ROW).on_conflict_do_nothing()),
    "postgresql": Prepared(postgresql.insert(_TABLE).values(_ROW).on_conflict_do_nothing()),
}


def tied(session: Session, channel: str, chat: str, message_id: str) -> int | None:
    """The ticket that a message in a chat shows."""
    return session.scalar(
        select(TicketMessage.ticket_id).where(
            TicketMessage.channel == channel,
            TicketMessage.chat == chat,
            TicketMessage.message_id == message_id,
        )
    )
