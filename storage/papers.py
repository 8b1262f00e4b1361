"""Papers (材料): photographs of somebody's documents, kept for one errand and then thrown away.

They are no files of the ticket: no event, card, list or export knows them. Who may look asks here,
and each look is written down by who lets them look. A photo that belongs to no ticket yet is part
of a talk that is under way.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ForeignKey, Index, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Sealed
from storage.guides import DATA
from storage.media import File, MediaFile
from storage.ticket_tables import Ticket


class PaperPhoto(Base):
    """One photo of one paper. ticket_id: None until the errand is filed. forgotten_at: from then on
    nobody gets it any more, and the file is thrown away."""

    __tablename__ = "papers"
    __table_args__ = (
        Index("ix_papers_ticket_id", "ticket_id"),
        Index("ix_papers_forgotten_at", "forgotten_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id"), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    name: Mapped[str] = mapped_column(Sealed)
    at: Mapped[datetime]
    forgotten_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Keeping:
    """keep_days: how long photos are kept after their errand is over. draft_days: and those of a
    talk that was never finished."""

    keep_days: int
    draft_days: int


@cache
def keeping() -> Keeping:
    """How long photos are kept, from groups.toml."""
    content = tomllib.loads((DATA / "groups.toml").read_text("utf-8"))
    return Keeping(**content["papers"])


def hold(session: Session, person_id: int, name: str, media: Sequence[int], now: datetime) -> None:
    """Know these files for photos of a paper; those that are known stay as they are."""
    if not media:
        return
    known = set(session.scalars(select(PaperPhoto.media_id).where(PaperPhoto.media_id.in_(media))))
    session.add_all(
        PaperPhoto(media_id=one, person_id=person_id, name=name, at=now)
        for one in media
        if one not in known
    )
    session.flush()


def all_kept(session: Session, media: Sequence[int]) -> bool:
    """Whether none of these files was thrown away meanwhile."""
    gone = select(MediaFile.id).where(MediaFile.id.in_(media))
    forgotten = select(PaperPhoto.id).where(
        PaperPhoto.media_id.in_(media), PaperPhoto.forgotten_at.is_not(None)
    )
    return (
        len(session.scalars(gone).all()) == len(set(media))
        and not session.scalars(forgotten.limit(1)).all()
    )


def put_to(session: Session, ticket_id: int, person_id: int, media: Sequence[int]) -> None:
    """From now on these photos, which this person sent, belong to an errand."""
    session.execute(
        update(PaperPhoto)
        .where(
            PaperPhoto.media_id.in_(media),
            PaperPhoto.person_id == person_id,
            PaperPhoto.ticket_id.is_(None),
        )
        .values(ticket_id=ticket_id)
    )


def of_ticket(session: Session, ticket_id: int) -> list[PaperPhoto]:
    """The photos of an errand that are kept, in the order they came."""
    query = select(PaperPhoto).where(
        PaperPhoto.ticket_id == ticket_id, PaperPhoto.forgotten_at.is_(None)
    )
    return list(session.scalars(query.order_by(PaperPhoto.id)))


def due(session: Session, now: datetime) -> list[int]:
    """The ids of photos whose time is over: their errand ended, or was never filed."""
    over = Ticket.closed_at <= now - timedelta(days=keeping().keep_days)
    unfiled = and_(
        PaperPhoto.ticket_id.is_(None),
        PaperPhoto.at <= now - timedelta(days=keeping().draft_days),
    )
    return list(
        session.scalars(
            select(PaperPhoto.id)
            .outerjoin(Ticket, Ticket.id == PaperPhoto.ticket_id)
            .where(PaperPhoto.forgotten_at.is_(None), or_(over, unfiled))
            .order_by(PaperPhoto.id)
        )
    )


def forget(session: Session, photo_id: int, now: datetime) -> PaperPhoto | None:
    """Forget a photo, and with it all of the same errand; None when that was done before."""
    photo = session.get(PaperPhoto, photo_id)
    if photo is None or photo.forgotten_at is not None:
        return None
    same = PaperPhoto.ticket_id == photo.ticket_id if photo.ticket_id else PaperPhoto.id == photo_id
    session.execute(
        update(PaperPhoto)
        .where(same, PaperPhoto.forgotten_at.is_(None))
        .values(forgotten_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(photo)
    return photo


def throw_away(session: Session, person_id: int, media: Sequence[int], now: datetime) -> None:
    """Forget these files, whatever they were, and every photo of a paper of this person: nobody
    gets them any more, and they are thrown away."""
    hold(session, person_id, "", media, now)
    session.execute(
        update(PaperPhoto)
        .where(or_(PaperPhoto.media_id.in_(media), PaperPhoto.person_id == person_id))
        .values(forgotten_at=now, ticket_id=None, name="")
    )


def to_throw_away(session: Session, most: int = 50) -> list[File]:
    """The files of forgotten photos that are still there."""
    query = (
        select(MediaFile)
        .join(PaperPhoto, PaperPhoto.media_id == MediaFile.id)
        .where(PaperPhoto.forgotten_at.is_not(None))
        .order_by(MediaFile.id)
        .limit(most)
    )
    return [row.value() for row in session.scalars(query)]


def thrown_away(session: Session, media_id: int) -> None:
    """The file itself is gone: nothing of it stays, its platform's name neither."""
    session.execute(delete(PaperPhoto).where(PaperPhoto.media_id == media_id))
    session.execute(delete(MediaFile).where(MediaFile.id == media_id))
