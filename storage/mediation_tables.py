"""The tables of mediations (矛盾调解): two sides, their meetings, what they agree and keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Sealed, SealedJson


class Mediation(Base):
    """What goes on between the two sides of one ticket, beside the ticket's own course.

    subject: neutral words for both, a mediator's. next_at: when something falls due by itself.
    ended_at: nothing more is asked of the sides (kept for 30 days, given up, withdrawn).
    """

    __tablename__ = "mediations"
    __table_args__ = (Index("ix_mediations_next_at", "next_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), unique=True)
    subject: Mapped[str] = mapped_column(Sealed, default="")
    opened_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class MediationSide(Base):
    """One of the two sides. filer: whose ticket it is; the other one sees nothing of the ticket.

    person_id: None for who is known by a name only. phone: as the mediator or the county's list
    gave it, empty where the person has their own. gone_at: it was somebody else who was meant.
    """

    __tablename__ = "mediation_sides"

    id: Mapped[int] = mapped_column(primary_key=True)
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"), index=True)
    filer: Mapped[bool]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(Sealed)
    phone: Mapped[str] = mapped_column(Sealed, default="")
    gone_at: Mapped[datetime | None]


class MediationMeeting(Base):
    """A time and a place that was proposed. Another time is another row; this one stays.

    state: arranged, moved, held or called_off. outcome: how it ended (agreed, failed, again,
    absent). evening_at, hour_at: when the sides were reminded; asked_at: the mediator was asked.
    """

    __tablename__ = "mediation_meetings"

    id: Mapped[int] = mapped_column(primary_key=True)
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"), index=True)
    at: Mapped[datetime]
    place: Mapped[str] = mapped_column(Sealed)
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    state: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(16), default="")
    evening_at: Mapped[datetime | None]
    hour_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]


class MediationAgreement(Base):
    """What a mediator wrote down as agreed; another wording is another row, with the next number.

    facts, blame, points, how, until: the parts of an agreement by Art. 31 of the 人民调解法.
    agreed_at: when the last side said yes to it. document_id: the file that is to be signed.
    """

    __tablename__ = "mediation_agreements"
    __table_args__ = (UniqueConstraint("mediation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    number: Mapped[int]
    facts: Mapped[str] = mapped_column(Sealed)
    blame: Mapped[str] = mapped_column(Sealed, default="")
    points: Mapped[list[str]] = mapped_column(SealedJson)
    how: Mapped[str] = mapped_column(Sealed, default="")
    until: Mapped[str] = mapped_column(Sealed, default="")
    drafted_at: Mapped[datetime]
    drafted_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    agreed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("media.id"))


class MediationFollowUp(Base):
    """Asking both sides, some days after they agreed, whether it was kept.

    done_at: all have answered, or nobody waits for the rest any more.
    """

    __tablename__ = "mediation_follow_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("mediation_agreements.id"), index=True)
    days: Mapped[int]
    due_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class MediationAnswer(Base):
    """What a side said to a meeting, an agreement or a follow-up; the newest counts, all stay.

    about, about_id: which of them (`storage.mediations.Subject`). words: for the mediator alone.
    noted_by: the mediator who wrote it down for a side without a chat; None: said by themselves.
    """

    __tablename__ = "mediation_answers"
    __table_args__ = (Index("ix_mediation_answers_about", "about", "about_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    side_id: Mapped[int] = mapped_column(ForeignKey("mediation_sides.id"))
    about: Mapped[str] = mapped_column(String(16))
    about_id: Mapped[int]
    answer: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(Sealed, default="")
    at: Mapped[datetime]
    noted_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
