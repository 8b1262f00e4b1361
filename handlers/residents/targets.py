"""Going where somebody wants to go: an opening, a service, a conversation or a command by name."""

from __future__ import annotations

from typing import Any

from handlers.permits import allowed
from handlers.registry import HANDLERS, action
from handlers.residents.services import COMPLAINT, HUMAN, REQUEST, begin_service, on_offer
from handlers.talk import Do, Talk

MENU = "menu"

Story = dict[str, Any]


def there_is(talk: Talk, target: str) -> bool:
    """Whether the speaker can go there, and may: nobody is offered what would be refused."""
    if target in HANDLERS.openings or target in on_offer(talk):
        return True
    known = target in HANDLERS.conversations or target in HANDLERS.commands
    return known and allowed(talk, target)


def label_of(talk: Talk, target: str) -> str:
    """What people read for a target."""
    if target in HANDLERS.openings:
        return talk.word(f"opening.{target}")
    if target in on_offer(talk) and target not in (REQUEST, COMPLAINT):
        return on_offer(talk)[target].label
    return talk.word(f"menu.{target}")


def way_to(talk: Talk, target: str, story: Story | None = None, label: str = "") -> Do:
    """The button that goes there, with what was said, if anything was."""
    args = {"target": target, **({"story": story} if story else {})}
    return Do("go", args, label or label_of(talk, target))


@action("go")
def go(talk: Talk, target: str, story: Story | None = None) -> None:
    """A button that goes to a target; what is under way is laid aside."""
    talk.lay_aside()
    lead_to(talk, target, story)


def lead_to(talk: Talk, target: str, story: Story | None = None) -> None:
    """Begin what a target is, with what was said. One that is gone by now gets the menu."""
    told = {"what": story} if story and story["text"] else None
    if target in HANDLERS.openings:
        HANDLERS.openings[target](talk, story)
    elif target == REQUEST:
        # Said and chosen: not asked again which service it is.
        talk.begin("request", answers=told, **({"service": REQUEST} if told else {}))
    elif target == COMPLAINT and COMPLAINT in HANDLERS.conversations:
        talk.begin(COMPLAINT, answers=told)
    elif target in on_offer(talk) and told:
        talk.begin("request", answers=told, service=target)
    elif target in on_offer(talk):
        begin_service(talk, on_offer(talk)[target])
    elif target in HANDLERS.conversations:
        talk.begin(target)
    else:
        _command(talk, target, story)


def _command(talk: Talk, name: str, story: Story | None) -> None:
    assert HANDLERS.permit is not None
    if name not in HANDLERS.commands:
        HANDLERS.commands[MENU](talk)
    elif HANDLERS.permit(talk, name, {}):
        if name == HUMAN and story:
            HANDLERS.commands[name](talk, story)
        else:
            HANDLERS.commands[name](talk)
