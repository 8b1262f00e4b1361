"""给他留言: words for one of those who look after a doorstep become a matter of theirs.

the role takes words directly ──▶ story ──▶ a ticket of 转人工, handed to that role
it has a service of its own ──▶ that service is begun (法律求助, 矛盾调解 ...)
"""

from __future__ import annotations

from handlers.questions import Story
from handlers.registry import HANDLERS, action, conversation
from handlers.relay import origin, point
from handlers.residents.arrival import agrees
from handlers.residents.danger import show_whom_to_call
from handlers.residents.services import HUMAN, on_offer
from handlers.routing import offer
from handlers.talk import Talk
from storage import areas, doorstep, roles, rules, tickets
from storage.meaning import dangers_in
from storage.posts import Role


@action("leave_word")
def leave_word(talk: Talk, place: int, role: str) -> None:
    """The button under a role: their own service, or a few words straight to them."""
    seat = doorstep.seats()[Role(role)]
    if seat.message == doorstep.DIRECT:
        talk.begin("leave_word", place=place, role=role)
    elif seat.message in HANDLERS.openings:
        HANDLERS.openings[seat.message](talk, None)
    elif seat.message in on_offer(talk):
        talk.begin("request", service=seat.message)
    else:
        talk.begin("request")


@conversation("leave_word")
def tell_them(talk: Talk) -> None:
    """What they are to know; it becomes a ticket that begins with them."""
    role, area = Role(talk.args["role"]), areas.get(talk.session, talk.args["place"])
    served = doorstep.looks_after(talk.session, area.id, talk.now)[role]
    name = served.holders[0].name if served.holders else ""
    what = talk.ask("what", Story("who/message", role=roles.label(role), name=name))
    show_whom_to_call(talk, what["text"], area.id)
    if talk.person.consented_at is None:
        if not agrees(talk):
            return
        talk.person.consented_at = talk.now
    ticket = tickets.open_ticket(
        talk.session,
        service=rules.current(talk.session)[HUMAN],
        kind=None,
        text=what["text"],
        media=what["media"],
        place="",
        location=point(what),
        filer_id=talk.person.id,
        area_id=area.id,
        urgent=bool(dangers_in(what["text"])),
        now=talk.now,
        origin=origin(talk, talk.came_in("what")),
    )
    reached = offer(talk, ticket, (role,))
    talk.say("who/told", ticket=ticket.id, number=ticket.id, helper=reached[0] if reached else "")
