"""What was shown in front of a question that cannot take it (a photo while 要撤回吗 is open): kept,
and asked about as soon as the talk is over, so that no photo is ever lost.

A talk with a story takes it into that. One that is laid aside takes it along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.questions import Story
from handlers.talk import Said

if TYPE_CHECKING:
    from bot.turn import Turn


def keep(turn: Turn, said: Said) -> bool:
    """Keep what was shown; False where nothing was, or the talk under way is a careful one: there
    nothing is brought up again for who may look on."""
    if not (said.media or said.location) or turn.careful or turn.silent:
        return False
    turn.held = Story("").add(turn.held, said)
    turn.conversation.misses = 0
    turn.live = True
    turn.say("engine/held")
    return True


def take_up(turn: Turn) -> bool:
    """Whether something was kept and nothing is under way any more: it is then what is said now."""
    if turn.held is None or turn.conversation.name:
        return False
    kept, turn.held = turn.held, None
    media = tuple(kept["media"])
    turn.said = Said(
        text=kept["text"],
        media=media,
        voices=media if kept["voice"] else (),
        location=tuple(kept["location"]) if kept["location"] else None,
        parts=kept["from"],
        name=turn.said.name,
    )
    return True
