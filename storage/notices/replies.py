"""What people answer to a notice that asks for their opinion: kept with it, read gathered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BindParameter,
    ForeignKey,
    Index,
    Select,
    String,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.areas import Area
from storage.base import Base, Sealed
from storage.notices.tables import Notice, NoticeState, Receipt, ReceiptState
from storage.outbox_tables import OutboundMessage
from storage.people import Person
from storage.prepared import Prepared


class NoticeReply(Base):
    """One answer of one person. channel, chat, message_id: the message that said it, so that an
    edit of it is taken here."""

    __tablename__ = "notice_replies"
    __table_args__ = (
        Index("ix_notice_replies_notice_id", "notice_id", "id"),
        Index("ix_notice_replies_message", "channel", "chat", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"))
    text: Mapped[str] = mapped_column(Sealed, default="")
    media: Mapped[list[int]] = mapped_column(JSON, default=list)
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(64))
    message_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


def keep(
    session: Session,
    receipt: Receipt,
    person: Person,
    address: tuple[str, str],
    story: dict[str, Any],
    now: datetime,
) -> NoticeReply:
    """Keep what was said; the same message once. story: as conversations keep it."""
    parts = story.get("from", {})
    said = next((key for key, words in parts.items() if words), next(iter(parts), ""))
    channel, chat = address
    known = _said_by(session, channel, chat, said) if said else None
    if known is not None:
        return known
    reply = NoticeReply(
        notice_id=receipt.notice_id, person_id=person.id, building_id=receipt.building_id,
        text=story["text"], media=story["media"], channel=channel, chat=chat, message_id=said,
        at=now,
    )  # fmt: skip
    session.add(reply)
    session.flush()
    return reply


def amend(session: Session, channel: str, chat: str, message_id: str, words: str) -> bool:
    """Take the new words of an edited message; False when it answered no notice."""
    reply = _said_by(session, channel, chat, message_id)
    if reply is None:
        return False
    reply.text = words
    session.flush()
    return True


def _said_by(session: Session, channel: str, chat: str, message_id: str) -> NoticeReply | None:
    return session.scalars(
        select(NoticeReply).where(
            NoticeReply.channel == channel,
            NoticeReply.chat == chat,
            NoticeReply.message_id == message_id,
        )
    ).first()


def count(session: Session, notice_id: int) -> int:
    """How many answers a notice has."""
    wanted = select(func.count()).where(NoticeReply.notice_id == notice_id)
    return session.scalar(wanted) or 0


def of(session: Session, notice_id: int, most: int, *, after: int = 0) -> list[NoticeReply]:
    """The answers to a notice, newest first. after: so many of them are passed over."""
    return list(
        session.scalars(
            select(NoticeReply)
            .where(NoticeReply.notice_id == notice_id)
            .order_by(NoticeReply.id.desc())
            .limit(most)
            .offset(after)
        )
    )


def quoted(session: Session, channel: str, chat: str, message_id: str) -> int | None:
    """The notice that this message of a chat carried, if it carried one."""
    return session.scalar(
        select(Receipt.notice_id)
        .join(OutboundMessage, OutboundMessage.id == Receipt.outbox_id)
        .where(
            OutboundMessage.channel == channel,
            OutboundMessage.chat == chat,
            OutboundMessage.message_id == message_id,
        )
    )


def waits_for_reply(session: Session, person: Person, since: datetime) -> Receipt | None:
    """The receipt of the newest notice that asks this person's home for an answer, and came since
    then."""
    if _ANY_ASKS.first(session, since=since) is None:  # hardly ever one does
        return None
    return _first(session, _had(person, since).where(Notice.wants_reply))


def waits_for_word(session: Session, person: Person, since: datetime) -> Receipt | None:
    """The same of the newest notice that is still to be marked as read."""
    unread = _had(person, since).where(Notice.wants_ack, Receipt.acknowledged_at.is_(None))
    return _first(session, unread)


def had(session: Session, person: Person, since: datetime, most: int) -> list[tuple[Receipt, str]]:
    """The newest notices that came to this person or their home since then, newest first: the
    receipt, and what the notice says now."""
    found = session.scalars(_had(person, since).limit(most)).all()
    return [(one, session.get_one(Notice, one.notice_id).text) for one in found]


_SINCE: BindParameter[datetime] = bindparam("since", type_=Notice.__table__.c.frozen_at.type)
_ANY_ASKS = Prepared(
    select(Notice.id).where(Notice.wants_reply, Notice.frozen_at >= _SINCE).limit(1)
)


def _first(session: Session, query: Select[Any]) -> Receipt | None:
    found: Receipt | None = session.scalars(query).first()
    return found


def _had(person: Person, since: datetime) -> Select[Any]:
    """By household, or (among the staff) by person: each by the index that there is."""
    own = (Receipt.household_id.is_(None)) & (Receipt.person_id == person.id)
    theirs = own if person.home_id is None else or_(own, Receipt.household_id == person.home_id)
    return (
        select(Receipt)
        .join(Notice, Notice.id == Receipt.notice_id)
        .where(
            Notice.frozen_at.is_not(None),
            Notice.state != NoticeState.CANCELLED,
            Notice.frozen_at >= since,
            Receipt.state == ReceiptState.SENT.value,
            theirs,
        )
        .order_by(Notice.id.desc())
        .limit(1)
    )


def where_from(session: Session, found: list[NoticeReply]) -> dict[int, Area]:
    """The buildings of these answers, by id."""
    ids = {one.building_id for one in found if one.building_id is not None}
    return {area.id: area for area in session.scalars(select(Area).where(Area.id.in_(ids)))}
