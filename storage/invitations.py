"""One-time invitations: a code that binds the chat it is shown in to a person of the list."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base, vault_in
from storage.binding import bind
from storage.names import bare
from storage.people import Account, Person

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No I, L, O, 0 or 1: the code is read from paper and over the telephone."""
LENGTH = 8
"""31^8 is 8.5e11 codes: not to be guessed through a chat within the days that one lives."""


_LIKE_CODES = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z0-9]{4})[ \-]?([A-Za-z0-9]{4})(?![A-Za-z0-9])", re.ASCII
)
MOST_CODES = 3
"""Codes that are looked for in one message."""


class Invitation(Base):
    """A code (kept only as its keyed hash) for one person, to be used once before `expires_at`."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))


def _digest(session: Session, code: str) -> str:
    return vault_in(session).digest("invitation", bare(code).upper())


def codes_in(text: str) -> list[str]:
    """What in a text may be a code: alone, in a sentence (我的邀请码是 ...), in a link, in two
    halves as it is read out on the telephone."""
    plain = unicodedata.normalize("NFKC", text)
    return ["".join(found) for found in _LIKE_CODES.findall(plain)][:MOST_CODES]


def whose(session: Session, code: str, now: datetime) -> Person | None:
    """Who is invited by a code that is still good; it is not used up."""
    query = select(Invitation.person_id).where(
        Invitation.code_hash == _digest(session, code),
        Invitation.used_at.is_(None),
        Invitation.expires_at > now,
    )
    found = session.scalars(query).first()
    return None if found is None else session.get_one(Person, found)


def make(
    session: Session,
    person_id: int,
    now: datetime,
    days: int,
    choose: Callable[[str], str] = secrets.choice,
) -> str:
    """A new one-time code for a person, good for `days` from `now`. Only its hash is kept.

    choose: picks one character of the alphabet; anything but `secrets.choice` is for tests.
    """
    code = "".join(choose(ALPHABET) for _ in range(LENGTH))
    session.add(
        Invitation(
            person_id=person_id,
            code_hash=_digest(session, code),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    session.flush()
    return code


def redeem(session: Session, code: str, now: datetime) -> tuple[Invitation, Person] | None:
    """Use a code up; the invitation and its person. None when it is unknown, used or expired."""
    invitation = session.scalars(
        select(Invitation).where(Invitation.code_hash == _digest(session, code))
    ).first()
    if invitation is None or now >= invitation.expires_at:
        return None
    # The condition in the update decides: of two who show one code at once, one gets it.
    taken = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.used_at.is_(None))
        .values(used_at=now)
        .returning(Invitation.id)
    ).all()
    if not taken:
        return None
    return invitation, session.get_one(Person, invitation.person_id)


def use(session: Session, code: str, account: Account, now: datetime) -> Person | None:
    """Bind `account` to the person whose code this is (see `bind`), and use the code up.

    None when the code is unknown, used or expired.
    """
    redeemed = redeem(session, code, now)
    if redeemed is None:
        return None
    invitation, invited = redeemed
    invitation.account_id = account.id
    bind(session, account, invited)
    return invited
