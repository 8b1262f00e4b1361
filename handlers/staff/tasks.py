"""我的任务: what a worker has to do, each a button to its card."""

from __future__ import annotations

from handlers.permits import entitled
from handlers.staff.cards import options as card_options
from handlers.staff.cards import send_card
from handlers.staff.work import say_who_has_it
from handlers.talk import Do, Talk, action, command
from handlers.views import one_of_many, view
from storage import tickets


@command("tasks")
def my_tasks(talk: Talk) -> None:
    """我的任务: what is open, urgent and oldest first, each a button to its card."""
    found = tickets.of_worker(talk.session, talk.person.id, limit=8)
    lines = [view(talk.session, ticket, door=False) for ticket in found]
    choices = [Do("card", {"ticket": t.number}, one_of_many(talk, t)) for t in lines]
    talk.say("staff/tasks", tickets=lines, options=choices)


@action("card")
def show_card(talk: Talk, ticket: int) -> None:
    """A fresh card of a ticket that the speaker serves."""
    found = entitled(talk, ticket, "card")
    if found is not None:
        send_card(talk, found, talk.person.id)
        if not card_options(talk, found, talk.person.id):
            say_who_has_it(talk, found)
