"""Erasing a person at their wish: what tells who they are goes, what others need stays without it.

What is removed: name, number, home and the county's line about them as a householder; their chats
with every message in and out, drafts, photos, settings, bookings and offers; the words of their
matters, with the workers' answers. What stays: that there was a matter of that kind in that
building, who saw to it and how it ended (figures are counted from that); agreements that another
side signed; what they told for somebody else, whose matter it is; and the log of who looked.

A row of `people` stays behind, empty, for all that counts to point at.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from storage import appointments, erasing_chats, papers, people, posts, preferences
from storage.appointments import Appointment
from storage.areas import Area, Household, Level
from storage.bookings import Booking
from storage.directory.care import EntryReport
from storage.exchange import Introduction, Listing
from storage.invitations import Invitation
from storage.mediation_tables import (
    Mediation,
    MediationAgreement,
    MediationAnswer,
    MediationSide,
)
from storage.notices.replies import NoticeReply
from storage.people import Account, Person
from storage.post_tables import Post, Role
from storage.preferences import Preference
from storage.ticket_tables import OPEN, Status, Ticket, TicketEvent, TicketParty, TicketRating
from storage.visits import Visit

ERASE, WARN = "erase", "erase_soon"
"""The appointments of who is to be erased, and is told on the day before. Under the first name
stands (as a preference) which admin asked for it, where it was one, and who agreed."""
GRACE = timedelta(days=7)
"""How long it may be taken back."""
A_DAY = timedelta(days=1)
KEPT_DETAILS = ("score", "kind", "why")
"""What an event's detail keeps besides numbers: figures and the timeline of others need it."""


def ask(session: Session, person_id: int, now: datetime, by: int | None = None) -> datetime:
    """Erase them when `GRACE` is over; when that is. Asked for twice, the first one counts.

    by: the admin who asks for them; then another one must agree.
    """
    if asked(session, person_id) is None:
        if by is not None:
            preferences.put(session, person_id, ERASE, {"by": by, "agreed": None}, now)
        appointments.enrol(session, person_id, WARN, now + GRACE - A_DAY)
        appointments.enrol(session, person_id, ERASE, now + GRACE)
    session.flush()
    found = appointments.of(session, person_id, ERASE)
    assert found is not None
    return found.at


def asked(session: Session, person_id: int) -> datetime | None:
    """When the person is to be erased; None where nobody asked."""
    found = appointments.of(session, person_id, ERASE)
    return found.at if found else None


def take_back(session: Session, person_id: int) -> bool:
    """It is not wanted any more; False where there was nothing to take back."""
    found = [appointments.of(session, person_id, what) for what in (ERASE, WARN)]
    for one in found:
        if one is not None:
            appointments.drop(session, one)
    if any(found):
        _forget_who_asked(session, person_id)
    return any(found)


def due(session: Session, now: datetime) -> list[int]:
    """Who is to be erased now."""
    return appointments.due(session, ERASE, now)


def to_warn(session: Session, now: datetime) -> list[int]:
    """Who is to be told now that it is tomorrow."""
    return appointments.due(session, WARN, now)


def is_warned(session: Session, person_id: int) -> bool:
    """Whether they were told, so that there was a day left to take it back."""
    return appointments.of(session, person_id, WARN) is None


def warned(session: Session, person_id: int) -> None:
    """They were told."""
    found = appointments.of(session, person_id, WARN)
    if found is not None:
        appointments.drop(session, found)


def _forget_who_asked(session: Session, person_id: int) -> None:
    session.execute(
        delete(Preference).where(Preference.person_id == person_id, Preference.key == ERASE)
    )
    session.expire_all()


def asked_by(session: Session, person_id: int) -> int | None:
    """The admin who asked for it; None where it was the person."""
    kept = preferences.get(session, person_id, ERASE)
    return kept["by"] if kept else None


def agree(session: Session, person_id: int, by: int, now: datetime) -> bool:
    """A second admin agrees; False where there is nothing to agree to, or it is their own."""
    kept = preferences.get(session, person_id, ERASE)
    if not kept or kept["agreed"] or kept["by"] == by or asked(session, person_id) is None:
        return False
    preferences.put(session, person_id, ERASE, {**kept, "agreed": by}, now)
    return True


def is_agreed(session: Session, person_id: int) -> bool:
    """Whether nobody has to agree any more."""
    kept = preferences.get(session, person_id, ERASE)
    return not kept or bool(kept["agreed"])


def hold_on(session: Session, person_id: int, until: datetime) -> None:
    """Not before then: something of theirs is still under way."""
    found = appointments.of(session, person_id, ERASE)
    if found is not None:
        found.at = until
        session.flush()


def may_be(session: Session, person: Person, now: datetime) -> bool:
    """Whether it can be done: who serves somewhere must first leave their post."""
    return person.erased_at is None and not posts.posts_of(session, person.id, now)


def open_matters(session: Session, person_id: int) -> list[Ticket]:
    """What they filed and is not over."""
    mine = Ticket.filer_id == person_id, Ticket.status.in_([one.value for one in OPEN])
    return list(session.scalars(select(Ticket).where(*mine).order_by(Ticket.id)))


def not_done(session: Session, person_id: int) -> list[int]:
    """The numbers of those that nobody has done yet, and that will be taken back."""
    found = open_matters(session, person_id)
    return [one.id for one in found if one.status != Status.RESOLVED]


def erase(session: Session, person: Person, now: datetime, gone: str) -> bool:
    """Remove what tells who they are. gone: what stands from then on where a worker's chat showed
    it. False where a message to them is on its way just now: try again in a moment."""
    chats = [(one.channel, one.chat) for one in people.accounts_of(session, person.id)]
    if erasing_chats.busy(session, chats):
        return False
    words = [word for word in (person.name, person.phone or "") if len(word) > 1]
    matters = list(session.scalars(select(Ticket).where(Ticket.filer_id == person.id)))
    media = _media(session, person, chats, matters)
    near = _who_dealt_with(session, person, matters)
    for matter in matters:
        _forget_matter(session, matter, gone)
    session.execute(update(Ticket).where(Ticket.reporter_id == person.id).values(reporter_id=None))
    erasing_chats.forget_receipts(session, person, chats)
    erasing_chats.forget_matters(session, [one.id for one in matters], chats, gone)
    erasing_chats.forget_chats(session, person.id, chats)
    erasing_chats.sweep(session, near, words, gone)
    _forget_the_rest(session, person)
    _forget_exchange(session, person)
    _forget_mediations(session, person)
    papers.throw_away(session, person.id, media, now)
    _forget_home(session, person)
    people.set_phone(session, person, None, proven=False)
    person.name, person.consented_at, person.notices_stopped_at = "", None, None
    person.erased_at = now
    session.flush()
    session.expire_all()
    return True


def _media(
    session: Session, person: Person, chats: Sequence[tuple[str, str]], matters: Sequence[Ticket]
) -> list[int]:
    """The files they sent, and those of their matters; not what belongs to somebody else's."""
    found = set(erasing_chats.files_from(session, chats))
    mine = [one.id for one in matters]
    of_matters = select(TicketEvent.media).where(TicketEvent.ticket_id.in_(mine))
    of_replies = select(NoticeReply.media).where(NoticeReply.person_id == person.id)
    for sent in (of_matters, of_replies):
        for media in session.scalars(sent):
            found.update(media)
    for_others = select(TicketEvent.media).where(
        TicketEvent.actor_id == person.id, TicketEvent.ticket_id.not_in(mine)
    )
    for media in session.scalars(for_others):
        found.difference_update(media)
    found.difference_update(session.scalars(select(MediationAgreement.document_id)))
    return sorted(found)


def _who_dealt_with(
    session: Session, person: Person, matters: Sequence[Ticket]
) -> list[tuple[str, str]]:
    """The chats in which their name may stand: of who had their matters, and of who was told or
    asked about them as a person."""
    near = select(TicketParty.person_id).where(
        TicketParty.ticket_id.in_([one.id for one in matters])
    )
    admins = select(Post.person_id).where(Post.role == Role.ADMIN)
    rows = session.execute(
        select(Account.channel, Account.chat).where(
            Account.person_id != person.id,
            or_(Account.person_id.in_(near), Account.person_id.in_(admins)),
        )
    )
    return [(channel, chat) for channel, chat in rows]


def _forget_matter(session: Session, matter: Ticket, gone: str) -> None:
    """A matter keeps its kind, times, owner and building."""
    matter.text, matter.place = gone, ""
    home = session.get(Area, matter.area_id)
    if home is not None and home.level == Level.HOUSEHOLD and home.parent_id is not None:
        matter.area_id = home.parent_id
    for event in session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == matter.id)):
        event.text, event.media = "", []
        event.detail = {
            key: value
            for key, value in event.detail.items()
            if isinstance(value, int) or key in KEPT_DETAILS
        }
    session.execute(
        update(TicketRating).where(TicketRating.ticket_id == matter.id).values(remark="")
    )
    session.flush()


def _forget_the_rest(session: Session, person: Person) -> None:
    """Settings, appointments, bookings, invitations, and words kept elsewhere."""
    for table in (Preference, Appointment, Booking, Invitation):
        session.execute(delete(table).where(table.person_id == person.id))
    session.execute(update(EntryReport).where(EntryReport.person_id == person.id).values(words=""))
    for reply in session.scalars(select(NoticeReply).where(NoticeReply.person_id == person.id)):
        reply.text, reply.media = "", []
        reply.channel, reply.chat, reply.message_id = "", "", f"erased:{reply.id}"
    session.flush()


def _forget_exchange(session: Session, person: Person) -> None:
    """What they offered or looked for, with whom they were put together."""
    mine = select(Listing.id).where(Listing.person_id == person.id)
    either = or_(Introduction.offer_id.in_(mine), Introduction.need_id.in_(mine))
    session.execute(delete(Introduction).where(either))
    session.execute(update(Listing).where(Listing.wants_id.in_(mine)).values(wants_id=None))
    session.execute(delete(Listing).where(Listing.person_id == person.id))


def _forget_mediations(session: Session, person: Person) -> None:
    """Their part in mediations; an agreement is the other side's as well, and keeps both names."""
    own = select(Mediation).join(Ticket, Ticket.id == Mediation.ticket_id)
    for mediation in session.scalars(own.where(Ticket.filer_id == person.id)):
        mediation.subject = ""
    agreed = select(MediationAgreement.mediation_id).where(
        MediationAgreement.agreed_at.is_not(None)
    )
    signed = set(session.scalars(agreed))
    for side in session.scalars(select(MediationSide).where(MediationSide.person_id == person.id)):
        side.phone = ""
        if side.mediation_id not in signed:
            side.name = ""
        session.execute(
            update(MediationAnswer).where(MediationAnswer.side_id == side.id).values(words="")
        )
    session.flush()


def _forget_home(session: Session, person: Person) -> None:
    """Who lives there is not known any more. A door that only they ever named is forgotten too."""
    home = session.get(Area, person.home_id) if person.home_id is not None else None
    person.home_id = None
    session.flush()
    _forget_householder(session, person, home)
    door = session.get(Household, home.id) if home is not None else None
    if home is None or door is None:
        return
    left = (
        select(Person.id).where(Person.home_id == home.id),
        select(Ticket.id).where(Ticket.area_id == home.id),
    )
    if any(session.scalar(one.limit(1)) is not None for one in left):
        return
    session.execute(update(Visit).where(Visit.household_id == home.id).values(told=None))
    if not (door.householder or door.phone or door.groups):
        door.door, home.name_key = "", f"erased:{home.id}"
    session.flush()


def _forget_householder(session: Session, person: Person, home: Area | None) -> None:
    """The county's list names them, by their number or (they may have a new one) at their home by
    their name: the line stays, without name and number."""
    rows = select(Household).where(Household.phone_hash == person.phone_hash)
    found = list(session.scalars(rows)) if person.phone_hash is not None else []
    own = session.get(Household, home.id) if home is not None else None
    if own is not None and own.householder and own.householder == person.name:
        found.append(own)
    for row in found:
        row.householder, row.phone, row.phone_hash = "", None, None
    session.flush()
