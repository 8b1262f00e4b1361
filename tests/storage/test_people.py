"""People and their accounts: first contact, proven numbers, two rows that are one human."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import invitations, people, posts
from storage.people import Account, NotAPhone, Person
from storage.posts import Post, Role
from storage.tickets import Status, Ticket, TicketEvent, TicketParty
from tests.storage.county import NOON, corner, someone


def test_first_contact_makes_a_person_and_the_next_finds_them(session: Session) -> None:
    first = people.account(session, "telegram", "7", "小莲", NOON)
    first.blocked_at = NOON
    again = people.account(session, "telegram", "7", "别名", NOON + timedelta(hours=1))
    assert again is first
    assert (again.person.name, again.blocked_at) == ("小莲", None)
    assert again.last_used_at == NOON + timedelta(hours=1)
    assert people.account(session, "web", "7", "", NOON).person_id != first.person_id


def test_a_late_message_does_not_turn_the_clock_back(session: Session) -> None:
    people.account(session, "web", "1", "", NOON)
    assert people.account(session, "web", "1", "", NOON - timedelta(hours=1)).last_used_at == NOON


def test_finding_by_number_prefers_the_proven_owner(session: Session) -> None:
    claims = someone(session, "说是", "19900000001", proven=False)
    assert people.find_by_phone(session, "19900000001") is None
    assert people.find_by_phone(session, "19900000001", proven_only=False) is claims
    owns = someone(session, "真是", "+86 199 0000 0001")
    assert people.find_by_phone(session, "19900000001", proven_only=False) is owns
    assert people.find_by_phone(session, "不是号码") is None


def test_repeating_a_proven_number_keeps_it_proven(session: Session) -> None:
    person = someone(session, "某", "19900000001")
    people.set_phone(session, person, "19900000001", False)
    assert person.phone_proven
    people.set_phone(session, person, "19900000002", False)
    assert not person.phone_proven
    with pytest.raises(NotAPhone):
        people.set_phone(session, person, "1234", True)
    people.set_phone(session, person, None, False)
    assert person.phone is None
    assert person.phone_hash is None


def test_reach_takes_the_last_used_account_of_the_right_channel(session: Session) -> None:
    staff = people.account(session, "telegram_staff", "1", "", NOON + timedelta(hours=3))
    person = staff.person
    for channel, hours in (("web", 1), ("telegram", 2)):
        other = people.account(session, channel, "1", "", NOON + timedelta(hours=hours))
        people.merge(session, other.person, person)

    def reached(prefer_staff: bool) -> str | None:
        account = people.reach(session, person.id, prefer_staff=prefer_staff)
        return account and account.channel

    assert [a.channel for a in people.accounts_of(session, person.id)] == [
        "telegram_staff", "telegram", "web"
    ]  # fmt: skip
    assert (reached(True), reached(False)) == ("telegram_staff", "telegram")
    people.accounts_of(session, person.id)[1].blocked_at = NOON
    assert reached(False) == "web"
    people.accounts_of(session, person.id)[2].blocked_at = NOON
    assert reached(False) == "telegram_staff"
    people.accounts_of(session, person.id)[0].blocked_at = NOON
    assert reached(True) is None


def _ticket(session: Session, filer: Person, area_id: int) -> Ticket:
    ticket = Ticket(
        service="request", status=Status.WAITING, text="灯坏了", filer_id=filer.id,
        area_id=area_id, opened_at=NOON,
    )  # fmt: skip
    session.add(ticket)
    session.flush()
    return ticket


def test_merging_moves_everything_and_doubles_nothing(session: Session) -> None:
    place = corner(session)
    old = people.account(session, "web", "1", "聊天名", NOON).person
    old.home_id, old.consented_at = place.home.id, NOON
    into = someone(session, "登记名", "19900000001")
    third = someone(session, "替岗")
    ticket, both = _ticket(session, old, place.home.id), _ticket(session, old, place.home.id)
    for one, person in ((ticket, old), (both, old), (both, into)):
        session.add(TicketParty(ticket_id=one.id, person_id=person.id, role="filer", since=NOON))
    session.add(TicketEvent(ticket_id=ticket.id, kind="opened", actor_id=old.id, at=NOON))
    for holder, deputy in ((old, into), (into, third)):
        posts.set_post(
            session, person_id=holder.id, role=Role.LIAISON, area_id=place.home.id,
            deputy_id=deputy.id,
        )  # fmt: skip
    old_id, into_id, home_id, ticket_id = old.id, into.id, place.home.id, ticket.id
    people.merge(session, old, into)

    assert session.get(Person, old_id) is None
    merged = session.get_one(Person, into_id)
    assert (merged.name, merged.home_id, merged.consented_at) == ("登记名", home_id, NOON)
    assert session.scalars(select(Account.person_id)).all() == [into_id]
    assert session.get_one(Ticket, ticket_id).filer_id == into_id
    assert session.scalar(select(func.count()).select_from(TicketParty)) == 2
    assert session.scalars(select(TicketEvent.actor_id)).all() == [into_id]
    (post,) = session.scalars(select(Post)).all()
    assert (post.person_id, post.deputy_id) == (into_id, third.id)
    people.merge(session, merged, merged)
    assert session.get(Person, into_id) is merged


def test_a_merged_person_does_not_stand_in_for_themselves(session: Session) -> None:
    place = corner(session)
    old, into = someone(session, "旧"), someone(session, "新")
    post = posts.set_post(
        session, person_id=old.id, role=Role.LIAISON, area_id=place.home.id, deputy_id=into.id
    )
    people.merge(session, old, into)
    assert (post.person_id, post.deputy_id) == (into.id, None)


def test_an_invitation_binds_once(session: Session) -> None:
    invited = someone(session, "网格员甲", "19900000001")
    chat = people.account(session, "telegram_staff", "5", "昵称", NOON)
    code = invitations.make(session, invited.id, NOON, 7)
    assert len(code) == 8
    assert not set(code) & set("IL0O1")
    assert invitations.use(session, f" {code[:4].lower()}-{code[4:]} ", chat, NOON) is invited
    assert chat.person_id == invited.id
    assert invitations.use(session, code, chat, NOON) is None
    other = people.account(session, "telegram_staff", "6", "", NOON)
    assert invitations.use(session, code, other, NOON) is None
    assert other.person_id != invited.id


def test_an_invitation_expires_and_unknown_codes_are_refused(session: Session) -> None:
    invited = someone(session, "网格员甲")
    chat = people.account(session, "web", "5", "", NOON)
    letters = iter("ABCDEFGH")
    code = invitations.make(session, invited.id, NOON, 7, choose=lambda _: next(letters))
    assert code == "ABCDEFGH"
    assert invitations.use(session, code, chat, NOON + timedelta(days=7)) is None
    assert invitations.use(session, "ABCDEFGJ", chat, NOON) is None
    assert invitations.use(session, "", chat, NOON) is None
    assert invitations.use(session, code, chat, NOON + timedelta(days=6)) is invited


def test_two_workers_are_never_made_one(session: Session) -> None:
    place = corner(session)
    invited, worker = someone(session, "甲"), people.account(session, "web", "5", "乙", NOON)
    before = worker.person_id
    posts.set_post(session, person_id=before, role=Role.LAWYER, area_id=place.community.id)
    code = invitations.make(session, invited.id, NOON, 7)
    invitations.use(session, code, worker, NOON)
    assert worker.person_id == invited.id
    assert session.get(Person, before) is not None
    assert [post.role for post in posts.posts_of(session, before, NOON)] == [Role.LAWYER]
