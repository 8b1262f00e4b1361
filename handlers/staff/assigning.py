"""待派单: the tickets that nobody serves, and 指派: an admin gives one to a worker by hand."""

from __future__ import annotations

from handlers import course
from handlers.permits import for_the_place_of, may, may_get
from handlers.questions import Option, Text
from handlers.registry import action, command, conversation
from handlers.staff.leave import Worker, where_they_serve
from handlers.staff.passing import pass_on
from handlers.staff.work import say_who_has_it
from handlers.talk import Do, Talk
from handlers.views import one_of_many, view
from storage import areas, limbo, people, permissions, posts, tickets
from storage.posts import Post, Role, Serving
from storage.tickets import Ticket

SHOWN = 8
MOST_SUGGESTED = 6


@command("unassigned")
def unassigned(talk: Talk) -> None:
    """待派单: what stands in the alarmed queue in the speaker's areas, the oldest first."""
    found = [ticket for ticket in limbo.alarmed(talk.session) if may_assign(talk, ticket)]
    lines = [
        view(talk.session, ticket, door=False, closed=not may_get(talk, ticket, talk.person.id))
        for ticket in found[:SHOWN]
    ]
    choices = [Do("assign", {"ticket": t.number}, one_of_many(talk, t)) for t in lines]
    talk.say("staff/unassigned", tickets=lines, count=len(found), options=choices)


def may_assign(talk: Talk, ticket: Ticket) -> bool:
    """Whether the speaker is an admin of its area, and may know of it."""
    return may(talk, ticket, "assign") and may(talk, ticket, "state")


@action("assign")
def assign(talk: Talk, ticket: int) -> None:
    """指派: asks to whom and why."""
    found = for_the_place_of(talk, ticket, "assign")
    if found is not None and _can_be_assigned(talk, found):
        talk.begin("assign", ticket=ticket)


def _can_be_assigned(talk: Talk, ticket: Ticket) -> bool:
    if not may_assign(talk, ticket):
        talk.say("desk/not_allowed")
        return False
    if ticket.status not in tickets.UNDER_WAY:
        say_who_has_it(talk, ticket)
        return False
    return True


@conversation("assign")
def give_to(talk: Talk) -> None:
    """To whom, why; it is theirs with its whole story, the resident is told."""
    number = talk.args["ticket"]
    ticket = for_the_place_of(talk, number, "assign")
    if ticket is None:
        return
    options = tuple(
        Option(post.person_id, where_they_serve(talk, post)) for post in suggested(talk, ticket)
    )
    to = talk.ask("to", Worker("staff/assign_to", "assign", options, number=number))
    why = talk.ask("why", Text("staff/assign_why", most=200, number=number))
    if not _can_be_assigned(talk, ticket):
        return
    receiver = _as_receiver(talk, ticket, to)
    if receiver is None:
        talk.say("staff/not_for_them", ticket=number, number=number)
        return
    pass_on(talk, ticket, receiver, "assigned", why)


def suggested(talk: Talk, ticket: Ticket) -> list[Post]:
    """Workers with a chat in the same community, of the roles that such tickets go to."""
    rule = course.rule_of(talk, ticket)
    wanted = {*rule.first, *(role for rung in rule.ladder for role in rung.roles)} - {Role.ADMIN}
    lineage = areas.get(talk.session, ticket.area_id).lineage
    around = areas.get(talk.session, lineage[min(1, len(lineage) - 1)])
    found = posts.within(talk.session, wanted, around.path, talk.now)
    return [
        post
        for post in found
        if people.reach(talk.session, post.person_id, prefer_staff=True) is not None
        and _as_receiver(talk, ticket, post.person_id) is not None
    ][:MOST_SUGGESTED]


def _as_receiver(talk: Talk, ticket: Ticket, person_id: int) -> Serving | None:
    """The worker in the role in which they may have the ticket; None when in none: their own
    matter, kept from them, already theirs, or they are away."""
    kept = permissions.is_kept_from(talk.session, person_id, ticket, talk.now)
    own = person_id in (ticket.filer_id, ticket.reporter_id, ticket.owner_id)
    if kept or own or posts.is_away(talk.session, person_id, talk.now):
        return None
    rule = course.rule_of(talk, ticket)
    held = [
        post
        for post in posts.posts_of(talk.session, person_id, talk.now)
        if not rule.hides_from(post.role)
    ]
    held.sort(key=lambda post: rule.rung_of(post.role) is None)
    if not held:
        return None
    post = held[0]
    return Serving(person_id, Role(post.role), post.area_id, post.id, None)
