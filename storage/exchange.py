"""供需对接: what residents offer and need, approved by an admin, introduced two by two.

    listing:       waiting ──▶ open ──▶ met │ expired │ withdrawn
                      └─▶ declined
    introduction:  asked ──▶ agreed (both said yes: numbers are exchanged)
                      └────▶ ended  (one said no, left, or did not answer in time)

Who said no, and why, is nobody's to learn: the other side reads only that it did not work out.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, Sealed

RULES = Path(__file__).parent / "data" / "exchange" / "rules.toml"


class Side(StrEnum):
    """Which side a listing is on."""

    OFFER = "offer"
    NEED = "need"


class State(StrEnum):
    """What became of a listing. Only an open one is introduced to anybody."""

    WAITING = "waiting"
    OPEN = "open"
    DECLINED = "declined"
    MET = "met"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


STANDING = (State.WAITING, State.OPEN)


class Listing(Base):
    """What one resident offers, or needs. text: their own words, sealed. area_id: where they live,
    never deeper than the compound. reason: why an admin declined it. wants_id: the listing of the
    other side that made them write this one."""

    __tablename__ = "exchange_listings"
    __table_args__ = (Index("ix_exchange_listings_state", "state", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    side: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Sealed)
    area_id: Mapped[int] = mapped_column(ForeignKey("areas.id"))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Sealed, default="")
    wants_id: Mapped[int | None] = mapped_column(ForeignKey("exchange_listings.id"))
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    expires_at: Mapped[datetime]


class Introduction(Base):
    """An offer and a need that were put together, once and never again.

    *_says: what each side answered, None while it has not. agreed_at: both said yes.
    """

    __tablename__ = "exchange_introductions"
    __table_args__ = (
        UniqueConstraint("offer_id", "need_id"),
        Index("ix_exchange_introductions_ended_at", "ended_at", "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("exchange_listings.id"))
    need_id: Mapped[int] = mapped_column(ForeignKey("exchange_listings.id"), index=True)
    made_at: Mapped[datetime]
    offer_says: Mapped[bool | None]
    need_says: Mapped[bool | None]
    agreed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of `storage/data/exchange/rules.toml`, which says what each is."""

    expires_after_days: int
    introduction_days: int
    most_listings: int
    most_introductions: int
    alike_from: int
    word_worth: int
    weak_worth: int
    weak: tuple[str, ...]
    around: tuple[str, ...]


@cache
def rules() -> Rules:
    """The figures, read once."""
    content = tomllib.loads(RULES.read_text("utf-8"))
    words = {key: tuple(content[key]) for key in ("weak", "around")}
    return Rules(**{**content, **words})


class TooMany(Exception):
    """The person has as many listings standing as one may have."""


def put_up(
    session: Session,
    *,
    person_id: int,
    side: Side,
    text: str,
    area_id: int,
    now: datetime,
    wants_id: int | None = None,
) -> Listing:
    """Write a listing down; it waits for an admin. Raises TooMany."""
    if sum(one.state in STANDING for one in of_person(session, person_id)) >= rules().most_listings:
        raise TooMany
    listing = Listing(
        person_id=person_id, side=side.value, text=text, area_id=area_id, state=State.WAITING.value,
        created_at=now, expires_at=_expiry(now), wants_id=wants_id,
    )  # fmt: skip
    session.add(listing)
    session.flush()
    return listing


def _expiry(now: datetime) -> datetime:
    return now + timedelta(days=rules().expires_after_days)


def find(session: Session, listing_id: int) -> Listing | None:
    """The listing of this id."""
    return session.get(Listing, listing_id)


def held(session: Session, listing_id: int) -> Listing | None:
    """The listing of this id as it stands, held until the transaction ends."""
    return session.get(Listing, listing_id, with_for_update=True, populate_existing=True)


def of_person(session: Session, person_id: int) -> list[Listing]:
    """A person's listings, the newest first."""
    query = select(Listing).where(Listing.person_id == person_id).order_by(Listing.id.desc())
    return list(session.scalars(query))


def waiting(session: Session) -> list[Listing]:
    """What waits for an admin, the oldest first."""
    query = select(Listing).where(Listing.state == State.WAITING).order_by(Listing.id)
    return list(session.scalars(query))


def open_listings(session: Session, side: Side, now: datetime, but_of: int) -> list[Listing]:
    """What stands open on one side, but for one person's, the newest first."""
    query = select(Listing).where(
        Listing.state == State.OPEN, Listing.side == side, Listing.expires_at > now,
        Listing.person_id != but_of,
    )  # fmt: skip
    return list(session.scalars(query.order_by(Listing.id.desc()).limit(500)))


def approve(session: Session, listing: Listing, by: int, now: datetime) -> None:
    """An admin lets it stand; its days begin now."""
    listing.state, listing.decided_by, listing.decided_at = State.OPEN.value, by, now
    listing.expires_at = _expiry(now)
    session.flush()


def decline(session: Session, listing: Listing, by: int, reason: str, now: datetime) -> None:
    """An admin does not let it stand."""
    listing.state, listing.decided_by, listing.decided_at = State.DECLINED.value, by, now
    listing.reason = reason
    session.flush()


def renew(session: Session, listing: Listing, now: datetime) -> bool:
    """It stands for another stretch; False where it was neither open nor ended by itself. What an
    admin approved once needs no second approval: its words are the same."""
    if listing.state not in (State.OPEN, State.EXPIRED, State.MET):
        return False
    listing.state, listing.expires_at = State.OPEN.value, _expiry(now)
    session.flush()
    return True


def close(session: Session, listing: Listing, state: State, now: datetime) -> list[Introduction]:
    """It stands no longer: withdrawn, expired or met. The introductions that end with it."""
    listing.state = state.value
    ended = [one for one in introductions_of(session, listing.id) if is_asked(one)]
    for one in ended:
        one.ended_at = now
    session.flush()
    return ended


def is_asked(one: Introduction) -> bool:
    """Whether an introduction still waits for somebody's answer."""
    return one.ended_at is None and one.agreed_at is None


def introductions_of(session: Session, listing_id: int) -> list[Introduction]:
    """Every introduction a listing was part of, in order."""
    part = or_(Introduction.offer_id == listing_id, Introduction.need_id == listing_id)
    return list(session.scalars(select(Introduction).where(part).order_by(Introduction.id)))


def introduce(
    session: Session, offer: Listing, need: Listing, now: datetime
) -> Introduction | None:
    """Put an offer and a need together; None where they were before, or one does not stand."""
    if {offer.state, need.state} != {State.OPEN} or offer.person_id == need.person_id:
        return None
    known = select(Introduction.id).where(
        Introduction.offer_id == offer.id, Introduction.need_id == need.id
    )
    if session.scalar(known) is not None:
        return None
    try:
        with session.begin_nested():
            made = Introduction(offer_id=offer.id, need_id=need.id, made_at=now)
            session.add(made)
        return made
    except IntegrityError:  # the other side was approved at the same moment
        return None


def introduction(session: Session, introduction_id: int) -> Introduction | None:
    """The introduction of this id as it stands, held until the transaction ends."""
    return session.get(Introduction, introduction_id, with_for_update=True, populate_existing=True)


def side_of(session: Session, one: Introduction, person_id: int) -> Side | None:
    """Which side of an introduction a person is on; None for a stranger."""
    offer, need = both(session, one)
    if offer.person_id == person_id:
        return Side.OFFER
    return Side.NEED if need.person_id == person_id else None


def both(session: Session, one: Introduction) -> tuple[Listing, Listing]:
    """The offer and the need of an introduction."""
    return session.get_one(Listing, one.offer_id), session.get_one(Listing, one.need_id)


def answer(session: Session, one: Introduction, side: Side, *, yes: bool, now: datetime) -> None:
    """One side answers. A no ends it; the second yes agrees it, and the need is met."""
    if side is Side.OFFER:
        one.offer_says = yes
    else:
        one.need_says = yes
    if not yes:
        one.ended_at = now
    elif one.offer_says and one.need_says:
        one.agreed_at = now
        both(session, one)[1].state = State.MET.value
    session.flush()


def expired(session: Session, now: datetime, limit: int = 500) -> list[Listing]:
    """The listings whose days are over."""
    query = select(Listing).where(Listing.state.in_(STANDING), Listing.expires_at <= now)
    return list(session.scalars(query.order_by(Listing.id).limit(limit)))


def unanswered(session: Session, now: datetime, limit: int = 500) -> list[Introduction]:
    """The introductions that one side never answered in time."""
    before = now - timedelta(days=rules().introduction_days)
    query = select(Introduction).where(
        Introduction.ended_at.is_(None), Introduction.agreed_at.is_(None),
        Introduction.made_at <= before,
    )  # fmt: skip
    return list(session.scalars(query.order_by(Introduction.id).limit(limit)))
