"""我也遇到: before filing, what neighbours told already is shown with nobody's data in it.

what, kind and place are known ▶ one that reads alike? ──我也遇到──▶ joined
                                         └──不是同一件──▶ (filed as ever)
"""

from __future__ import annotations

from handlers import joining
from handlers.permits import entitled
from handlers.questions import Option, Pick
from handlers.registry import action
from handlers.talk import Do, Talk
from handlers.views import masked_view
from storage import joining as stored
from storage import rules, tickets
from storage.areas import Area
from storage.meaning import classify
from storage.rules import Service
from storage.tickets import Ticket, TicketChanged

ANOTHER = 0
"""The answer 不是同一件，另外报."""


def ask_same(
    talk: Talk, service: Service, kind: str | None, area: Area, place: str, text: str
) -> Ticket | None:
    """The ticket under way that the speaker has met as well; None when there is none, they say it
    is another, or there is danger and no time to ask."""
    if not service.joinable or service.privacy != rules.OPEN or service.about_worker:
        return None
    # A changed kind or place asks anew, so both are in the key.
    key = f"same-{service.key}-{kind}-{area.id}"
    if talk.answered(key) == ANOTHER or classify(text).urgent:
        return None
    found = stored.alike(
        talk.session, service=service.key, kind=kind, area=area, place=place, text=text,
        person_id=talk.person.id, now=talk.now,
    )  # fmt: skip
    if not found:
        return None
    me_too = talk.word("me_too.one" if len(found) == 1 else "me_too.several")
    options = [Option(one.id, me_too.format(nth=nth)) for nth, one in enumerate(found, start=1)]
    options.append(Option(ANOTHER, talk.word("me_too.another")))
    shown = [masked_view(talk.session, one) for one in found]
    picked = talk.ask(key, Pick("request/same", options, found=shown))
    return next((one for one in found if one.id == picked), None)


def join_or_not(talk: Talk, ticket: Ticket, same: Ticket) -> bool:
    """Join the new ticket and say so; False (and said) when the other was done meanwhile."""
    if not joining.join(talk, ticket, same):
        talk.say("request/too_late")
        return False
    talk.say(
        "request/joined",
        ticket=ticket.id,
        number=ticket.id,
        households=same.households,
        options=[Do("not_same", {"ticket": ticket.id})],
    )
    return True


@action("not_same")
def not_same(talk: Talk, ticket: int) -> None:
    """不是同一件: the ticket goes its own way."""
    found = entitled(talk, ticket, "not_same")
    if found is None:
        return
    try:
        receivers = joining.separate(talk, found, talk.person.id)
    except TicketChanged:
        talk.say("resident/not_joined", number=ticket, open=found.status in tickets.OPEN)
        return
    talk.say("resident/separated", ticket=ticket, number=ticket, receivers=receivers, own=True)
