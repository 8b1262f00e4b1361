"""Putting an offer and a need together: both are asked, and only two yeses exchange the numbers.

asked ──both 可以──▶ each gets the other's name and number, and both looks are written down
  └──a no, a withdrawal, no word in time──▶ ended; the other side does not learn which
"""

from __future__ import annotations

from datetime import time

from handlers.questions import Phone
from handlers.registry import action, conversation, daily
from handlers.talk import Desk, Do, Talk
from handlers.views import name_of
from storage import areas, audit, exchange, masking, pairing, people
from storage.exchange import Introduction, Listing, Side, State
from storage.people import Person


def introduce(desk: Desk, listing: Listing) -> int:
    """Introduce a listing to those it fits, and first to the one it was written for. How many."""
    wanted = exchange.find(desk.session, listing.wants_id or 0)
    fitting = [*([wanted] if wanted is not None else [])]
    fitting += [one for one in pairing.partners(desk.session, listing, desk.now) if one != wanted]
    return sum(_put_together(desk, listing, one) for one in fitting)


def _put_together(desk: Desk, one: Listing, other: Listing) -> bool:
    offer, need = (one, other) if one.side == Side.OFFER else (other, one)
    if not all(_reached(desk, listing) for listing in (offer, need)):
        return False
    made = exchange.introduce(desk.session, offer, need, desk.now)
    if made is None:
        return False
    for mine, theirs in ((offer, need), (need, offer)):
        desk.tell(
            mine.person_id, "exchange/introduced", side=mine.side,
            mine=masking.without_who(mine.text), text=masking.without_who(theirs.text),
            place=areas.get(desk.session, theirs.area_id).name, options=_answers(made),
        )  # fmt: skip
    return True


def _reached(desk: Desk, listing: Listing) -> bool:
    return people.reach(desk.session, listing.person_id, prefer_staff=False) is not None


def _answers(one: Introduction) -> list[Do]:
    at = {"introduction": one.id}
    return [Do("meet", at), Do("meet_not", at)]


def _asked(talk: Talk, introduction: int) -> tuple[Introduction, Side] | None:
    """The introduction, if the speaker is to answer it; otherwise says how it stands."""
    one = exchange.introduction(talk.session, introduction)
    side = exchange.side_of(talk.session, one, talk.person.id) if one is not None else None
    if one is None or side is None:
        talk.refuse("desk/not_allowed")
        return None
    if one.agreed_at is not None:
        _show_again(talk, one, side)
        return None
    offer, need = exchange.both(talk.session, one)
    if one.ended_at is not None or {offer.state, need.state} != {State.OPEN}:
        talk.refuse("exchange/ended")
        return None
    return one, side


@action("meet")
def meet(talk: Talk, introduction: int) -> None:
    """可以: asks for a number where none is known."""
    if _asked(talk, introduction) is not None:
        talk.begin("meet", introduction=introduction)


@conversation("meet")
def agree_to_meet(talk: Talk) -> None:
    """A yes, with a number that the other side may have; the second yes exchanges them."""
    typed = None
    if not talk.person.phone:
        typed = talk.ask("phone", Phone("exchange/phone"))
        if not typed:
            talk.say(
                "exchange/no_phone", options=[Do("meet", talk.args), Do("meet_not", talk.args)]
            )
            return
    asked = _asked(talk, talk.args["introduction"])
    if asked is None:
        return
    if typed:
        people.set_phone(talk.session, talk.person, typed["phone"], proven=typed["proven"])
    one, side = asked
    exchange.answer(talk.session, one, side, yes=True, now=talk.now)
    if one.agreed_at is None:
        talk.say("exchange/one_yes")
    else:
        _exchange_numbers(talk, one)


@action("meet_not")
def meet_not(talk: Talk, introduction: int) -> None:
    """先不用: nobody learns who said so."""
    asked = _asked(talk, introduction)
    if asked is None:
        return
    one, side = asked
    exchange.answer(talk.session, one, side, yes=False, now=talk.now)
    say_it_ended(talk, one, but=talk.person.id)
    talk.say("exchange/said_no")


def say_it_ended(desk: Desk, one: Introduction, but: int | None = None) -> None:
    """Tell whoever had said yes that it did not work out, and not why. but: who knows already."""
    offer, need = exchange.both(desk.session, one)
    for listing, said in ((offer, one.offer_says), (need, one.need_says)):
        if said and listing.person_id != but:
            text = masking.without_who(listing.text)
            desk.tell(listing.person_id, "exchange/not_this_time", text=text)


def _exchange_numbers(talk: Talk, one: Introduction) -> None:
    offer, need = exchange.both(talk.session, one)
    for mine, theirs in ((offer, need), (need, offer)):
        other = talk.session.get_one(Person, theirs.person_id)
        name = name_of(talk.session, other.id)
        _noted(talk, one, mine.person_id, other.id)
        renew = Do("renew_listing", {"listing": mine.id}, talk.word("do.look_on"))
        talk.tell(
            mine.person_id, "exchange/numbers", name=name, phone=other.phone,
            text=masking.without_who(theirs.text), calls=[(name, other.phone or "")],
            options=[renew] if mine.side == Side.NEED else [],
        )  # fmt: skip


def _show_again(talk: Talk, one: Introduction, side: Side) -> None:
    """An old button of two who agreed: the number once more, unless the other left since."""
    offer, need = exchange.both(talk.session, one)
    theirs = need if side is Side.OFFER else offer
    other = talk.session.get_one(Person, theirs.person_id)
    if theirs.state == State.WITHDRAWN or not other.phone:
        talk.refuse("exchange/ended")
        return
    name = name_of(talk.session, other.id)
    _noted(talk, one, talk.person.id, other.id)
    talk.say(
        "exchange/numbers", name=name, phone=other.phone, text=masking.without_who(theirs.text),
        calls=[(name, other.phone)],
    )  # fmt: skip


def _noted(desk: Desk, one: Introduction, reader: int, read: int) -> None:
    """That one person got another's number, by which introduction."""
    audit.note(
        desk.session, desk.now, reader, "phone_exchanged", f"person:{read}",
        f"introduction:{one.id}",
    )  # fmt: skip


@daily("exchange", at=time(9, 30))
def see_to_the_exchange(desk: Desk, of_the_day: bool) -> None:
    """What stood long enough ends: listings, and introductions that one side never answered."""
    for one in exchange.unanswered(desk.session, desk.now):
        one.ended_at = desk.now
        say_it_ended(desk, one)
    for listing in exchange.expired(desk.session, desk.now):
        was_open = listing.state == State.OPEN
        for one in exchange.close(desk.session, listing, State.EXPIRED, desk.now):
            say_it_ended(desk, one, but=listing.person_id)
        renew = [Do("renew_listing", {"listing": listing.id})] if was_open else []
        desk.tell(
            listing.person_id, "exchange/expired", text=masking.without_who(listing.text),
            was_open=was_open, options=renew,
        )  # fmt: skip
