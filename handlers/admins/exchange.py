"""供需对接, the admin's side: what waits is approved, or declined with a reason."""

from __future__ import annotations

from handlers.introducing import introduce
from handlers.permits import may_somewhere
from handlers.questions import Text
from handlers.registry import action, command, conversation
from handlers.talk import Do, Talk
from handlers.views import name_of
from storage import areas, audit, exchange, masking
from storage.exchange import Listing, State

RIGHT = "approve_listing"
"""The row of permissions.toml that says who decides for a place."""
SHOWN = 5
"""Listings in one list."""


@command("listings")
def listings(talk: Talk) -> None:
    """供需审核: what waits in the speaker's places, one message each."""
    mine = [
        one for one in exchange.waiting(talk.session) if may_somewhere(talk, RIGHT, one.area_id)
    ]
    talk.say("exchange/waiting", total=len(mine), shown=min(len(mine), SHOWN))
    for one in mine[:SHOWN]:
        _show(talk, one)


def _show(talk: Talk, listing: Listing) -> None:
    at = {"listing": listing.id}
    talk.say(
        "exchange/to_decide", side=listing.side, text=masking.without_who(listing.text),
        name=name_of(talk.session, listing.person_id),
        place=areas.get(talk.session, listing.area_id).name,
        options=[Do("approve_listing", at), Do("decline_listing", at)],
    )  # fmt: skip


def _to_decide(talk: Talk, listing: int) -> Listing | None:
    """The listing, if the speaker decides for its place and nobody did; otherwise says so."""
    found = exchange.held(talk.session, listing)
    if found is None or not may_somewhere(talk, RIGHT, found.area_id):
        talk.refuse("desk/not_allowed")
        return None
    if found.state != State.WAITING:
        who = name_of(talk.session, found.decided_by)
        talk.refuse("exchange/decided_already", state=found.state, who=who)
        return None
    return found


@action("approve_listing")
def approve_listing(talk: Talk, listing: int) -> None:
    """同意: it stands, and is introduced to whom it fits."""
    found = _to_decide(talk, listing)
    if found is None:
        return
    exchange.approve(talk.session, found, talk.person.id, talk.now)
    audit.note(talk.session, talk.now, talk.person.id, "approve_listing", f"listing:{found.id}")
    talk.tell(
        found.person_id, "exchange/approved", side=found.side,
        text=masking.without_who(found.text), days=exchange.rules().expires_after_days,
    )  # fmt: skip
    talk.say("exchange/approve_done", introduced=introduce(talk, found))


@action("decline_listing")
def decline_listing(talk: Talk, listing: int) -> None:
    """不同意: asks why, which the resident is told."""
    if _to_decide(talk, listing) is not None:
        talk.begin("decline_listing", listing=listing)


@conversation("decline_listing")
def say_why(talk: Talk) -> None:
    """The reason, in words that the resident reads."""
    reason = talk.ask("why", Text("exchange/decline_why", most=200))
    found = _to_decide(talk, talk.args["listing"])
    if found is None:
        return
    exchange.decline(talk.session, found, talk.person.id, reason, talk.now)
    audit.note(talk.session, talk.now, talk.person.id, "decline_listing", f"listing:{found.id}")
    text = masking.without_who(found.text)
    again = Do("put_need" if found.side == "need" else "put_offer")
    talk.tell(found.person_id, "exchange/declined", text=text, reason=reason, options=[again])
    talk.say("exchange/decline_done")
