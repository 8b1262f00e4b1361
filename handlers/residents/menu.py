"""The menu: at most four big choices, the same in number and order every time; the rest in
pages."""

from __future__ import annotations

from handlers.permits import is_staff, may_somewhere
from handlers.registry import HANDLERS, action, command
from handlers.residents.targets import Story, there_is, way_to
from handlers.talk import Do, Talk

CHOICES = ("request", "directory", "who")
STAFF_CHOICES = ("tasks", "request", "directory")
AT_WORK = {
    "notice": "notice",
    "notices": "notices",
    "unvisited": "unvisited",
    "report": "figures",
    "away": "tasks",
}
"""What a worker's 更多 begins with, and the right that it takes."""
REST = (
    "my_requests", "legal", "guides", "places", "wish", "exchange",
    "booking", "who", "arrival", "on_behalf", "all_services",
)  # fmt: skip
"""What stands behind 更多, in this order; of it what the menu has itself is left out."""
A_PAGE = 6
"""Choices of one page of 更多; with the way to the next they fit on a phone's screen."""


def _first(talk: Talk) -> tuple[str, ...]:
    return STAFF_CHOICES if is_staff(talk) else CHOICES


@command("menu")
def menu(talk: Talk, story: Story | None = None) -> None:
    """At most four choices. story: what was said already, handed on by each of them."""
    options = [way_to(talk, one, story) for one in _first(talk) if there_is(talk, one)]
    options.append(_to_page(1, story) if story else Do("rest"))
    talk.say("desk/menu", name=talk.person.name, kept=bool(story), options=options)


def _to_page(page: int, story: Story | None) -> Do:
    return Do("rest_page", {"page": page, **({"story": story} if story else {})})


@command("rest")
def rest(talk: Talk) -> None:
    """更多, from its first page."""
    rest_page(talk, 1)


@action("rest_page")
def rest_page(talk: Talk, page: int, story: Story | None = None) -> None:
    """One page of what is not on the menu. page: from 1; behind the last comes the last."""
    names = [one for one in _all_the_rest(talk) if there_is(talk, one)]
    last = max(1, -(-len(names) // A_PAGE))
    page = min(page, last)
    shown = names[(page - 1) * A_PAGE : page * A_PAGE]
    options = [way_to(talk, one, story) for one in shown]
    options.append(_to_page(page + 1, story) if page < last else Do("menu"))
    talk.say("desk/rest", last=page == last, options=options)


def _all_the_rest(talk: Talk) -> list[str]:
    """What the speaker's work takes, `REST`, and before its last ones what else can be opened."""
    at_work = [one for one, right in AT_WORK.items() if may_somewhere(talk, right)]
    known = [one for one in REST if one not in _first(talk)]
    more = [one for one in HANDLERS.openings if one not in (*REST, *CHOICES)]
    return [*at_work, *known[:-3], *more, *known[-3:]]


@action("open_request")
def open_request(talk: Talk) -> None:
    """反映问题, on menus of before."""
    talk.begin("request")


@action("open_my_requests")
def open_my_requests(talk: Talk) -> None:
    """我的诉求, on menus of before."""
    talk.begin("my_requests")


@action("open_arrival")
def open_arrival(talk: Talk) -> None:
    """我的住址, on menus of before."""
    talk.begin("arrival")
