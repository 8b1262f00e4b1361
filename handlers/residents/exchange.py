"""供需对接, the residents' side: what I can do, what I need, who is about, and what I put up.

offer │ need ──▶ the words ──▶ confirm ──▶ an admin looks (handlers/admins/exchange.py)
look around ──▶ one of them ──▶ the same, with that one wanted
mine ──▶ withdraw
"""

from __future__ import annotations

from typing import Any

from handlers.introducing import say_it_ended
from handlers.questions import Confirm, Option, Pick, Text
from handlers.registry import action, conversation, opens
from handlers.talk import Do, Talk
from handlers.views import name_of
from storage import areas, exchange, masking, pairing, posts
from storage.areas import Level
from storage.exchange import Listing, Side, State
from storage.posts import Role

LONGEST = 200
"""Characters of a listing."""
SHOWN = 6
"""Listings shown at once."""
WAYS = ("need", "offer", "look", "mine")


@opens("exchange")
def open_exchange(talk: Talk, story: dict[str, Any] | None) -> None:
    """供需对接: with the words that asked for it, if there were any."""
    text = (story or {}).get("text", "").strip()
    talk.begin("exchange", **({"text": text[:LONGEST]} if text else {}))


@conversation("exchange")
def what_is_it(talk: Talk) -> None:
    """Find somebody, offer something, look around, or see one's own."""
    options = [Option(way, talk.word(f"exchange.{way}")) for way in WAYS]
    way = talk.ask("way", Pick("exchange/way", options, text=talk.args.get("text", "")))
    if way == "look":
        look_around(talk)
    elif way == "mine":
        show_mine(talk)
    else:
        _begin(talk, Side(way), talk.args.get("text"))


@action("ask_neighbours")
def ask_neighbours(talk: Talk, text: str) -> None:
    """请邻居帮忙: what the directory does not have."""
    _begin(talk, Side.NEED, text)


def _begin(talk: Talk, side: Side, text: str | None, wants: int | None = None) -> None:
    answers = {"text": text} if text else None
    talk.begin("put_up", answers=answers, side=side.value, wants=wants)


@conversation("put_up", own=True)
def put_up(talk: Talk) -> None:
    """The words, then it waits for an admin."""
    side = Side(talk.args["side"])
    place = _place(talk)
    if place is None:
        talk.refuse("exchange/home_first")
        talk.begin("arrival")
        return
    wanted = exchange.find(talk.session, talk.args.get("wants") or 0)
    told = masking.without_who(wanted.text) if wanted is not None else ""
    text = talk.ask("text", Text("exchange/text", most=LONGEST, side=side.value, wanted=told))
    shown = masking.without_who(text)
    sure = Confirm("exchange/confirm", yes="put_up", no="drop_it", summary=True,
                   side=side.value, text=shown, hidden=shown != text)  # fmt: skip
    if not talk.ask("sure", sure):
        talk.say("exchange/dropped")
        return
    try:
        listing = exchange.put_up(
            talk.session, person_id=talk.person.id, side=side, text=text, area_id=place,
            wants_id=wanted.id if wanted is not None else None, now=talk.now,
        )  # fmt: skip
    except exchange.TooMany:
        talk.say("exchange/too_many", options=[Do("my_listings")])
        return
    _ask_admins(talk, listing)
    talk.say("exchange/waits", side=side.value)


def _place(talk: Talk) -> int | None:
    """The compound (or what is above it) in which the speaker lives."""
    if talk.person.home_id is None:
        return None
    home = areas.get(talk.session, talk.person.home_id)
    around = [areas.get(talk.session, one) for one in home.lineage]
    deep = (Level.BUILDING, Level.HOUSEHOLD)
    return [area.id for area in around if area.level not in deep][-1]


def _ask_admins(talk: Talk, listing: Listing) -> None:
    at = {"listing": listing.id}
    for admin in posts.all_serving(talk.session, Role.ADMIN, listing.area_id, talk.now):
        talk.tell(
            admin.person_id, "exchange/to_decide", staff=True, side=listing.side,
            text=masking.without_who(listing.text), name=name_of(talk.session, listing.person_id),
            place=areas.get(talk.session, listing.area_id).name,
            options=[Do("approve_listing", at), Do("decline_listing", at)],
        )  # fmt: skip


# Looking around.


@action("look_around")
def look_around(talk: Talk, page: int = 0) -> None:
    """What neighbours offer and need, the nearest first; without names, doors or numbers."""
    found = _around(talk)
    shown = found[page * SHOWN : (page + 1) * SHOWN]
    options = [
        Do("want", {"listing": one.id}, talk.word(f"exchange.want_{one.side}").format(nth=nth))
        for nth, one in enumerate(shown, 1)
    ]
    if len(found) > (page + 1) * SHOWN:
        options.append(Do("look_around", {"page": page + 1}, talk.word("do.more")))
    if not shown:
        options = [Do("put_need"), Do("put_offer")]
    lines = [_line(talk, one) for one in shown]
    talk.say("exchange/around", lines=lines, options=options)


def _around(talk: Talk) -> list[Listing]:
    found = [
        one
        for side in Side
        for one in exchange.open_listings(talk.session, side, talk.now, talk.person.id)
    ]
    place = _place(talk)
    if place is None:
        return found
    return sorted(found, key=lambda one: (pairing.apart(talk.session, place, one.area_id), -one.id))


def _line(talk: Talk, listing: Listing) -> dict[str, str]:
    return {
        "side": listing.side,
        "text": masking.without_who(listing.text),
        "place": areas.get(talk.session, listing.area_id).name,
        "state": listing.state,
    }


@action("put_need")
def put_need(talk: Talk) -> None:
    """我想找人帮忙."""
    _begin(talk, Side.NEED, None)


@action("put_offer")
def put_offer(talk: Talk) -> None:
    """我能帮别人."""
    _begin(talk, Side.OFFER, None)


@action("want")
def want(talk: Talk, listing: int) -> None:
    """That one: the speaker says what of theirs goes with it, and an admin looks."""
    found = exchange.find(talk.session, listing)
    if found is None or found.state != State.OPEN:
        talk.say("exchange/gone", options=[Do("look_around")])
        return
    other = Side.NEED if found.side == Side.OFFER else Side.OFFER
    _begin(talk, other, None, found.id)


# One's own.


@action("my_listings")
def show_mine(talk: Talk) -> None:
    """我发过的: what stands, and how to take it back or renew it."""
    mine = exchange.of_person(talk.session, talk.person.id)[:SHOWN]
    options = []
    for nth, one in enumerate(mine, 1):
        if one.state in exchange.STANDING:
            label = talk.word("exchange.withdraw_one").format(nth=nth)
            options.append(Do("withdraw_listing", {"listing": one.id}, label))
        elif one.state in (State.EXPIRED, State.MET):
            label = talk.word("exchange.renew_one").format(nth=nth)
            options.append(Do("renew_listing", {"listing": one.id}, label))
    options.append(Do("put_need"))
    options.append(Do("put_offer"))
    talk.say("exchange/mine", lines=[_line(talk, one) for one in mine], options=options)


def _mine(talk: Talk, listing: int) -> Listing | None:
    found = exchange.held(talk.session, listing)
    if found is not None and found.person_id == talk.person.id:
        return found
    talk.refuse("desk/not_allowed")
    return None


@action("withdraw_listing")
def withdraw_listing(talk: Talk, listing: int) -> None:
    """撤回, at any time; who had agreed to an introduction hears that it did not work out."""
    found = _mine(talk, listing)
    if found is None:
        return
    if found.state in exchange.STANDING:
        for one in exchange.close(talk.session, found, State.WITHDRAWN, talk.now):
            say_it_ended(talk, one, but=talk.person.id)
    talk.say("exchange/stands", line=_line(talk, found), options=[Do("my_listings")])


@action("renew_listing")
def renew_listing(talk: Talk, listing: int) -> None:
    """再挂: for another stretch; what an admin let stand needs no second look."""
    found = _mine(talk, listing)
    if found is None:
        return
    exchange.renew(talk.session, found, talk.now)
    talk.say("exchange/stands", line=_line(talk, found), options=[Do("my_listings")])
