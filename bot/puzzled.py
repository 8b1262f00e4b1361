"""What is said when words were no answer: who thanked is answered, who is lost is shown a way, and
who asked for something else is heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.wording import unwrapped
from handlers.matching import number_of_a_ticket
from handlers.questions import agreement
from handlers.talk import Talk

if TYPE_CHECKING:
    from bot.turn import Put, Turn

THANKED, HUMMED, NUMBERED, UNCLEAR, LOST = "thanked", "hummed", "numbered", "unclear", "lost"
MISSED, PUT = "missed", ""
"""Ways to put a question. Those in `LED_IN` have a template in templates/engine/."""
LED_IN = (THANKED, HUMMED, NUMBERED, UNCLEAR, LOST)
IN_OTHER_WORDS = (MISSED, UNCLEAR, LOST)
SAID_TWICE = 2
"""From this miss on 从头来 stands among the ways out."""
OFFERED = 3
"""From this miss on a person is offered, and a plain yes takes the offer."""


def missed(turn: Turn, put: Put) -> tuple[int, str]:
    """How often in a row the words were no answer, and in which way the question is put now."""
    before = turn.conversation.misses
    if not put.missed:
        return 0, PUT
    word = unwrapped(turn.said.text)
    if word in turn.words("heard.thanks"):
        return before, THANKED
    if word in turn.words("heard.hum"):
        return before, HUMMED
    if before >= OFFERED and agreement(word, turn) == 1:
        return 0, HUMMED
    if number_of_a_ticket(turn.said.text) is not None and put.prompt.options:
        return before, NUMBERED
    if word in turn.words("heard.unclear"):
        return before + 1, UNCLEAR
    return before + 1, LOST if before else MISSED


def left_for(turn: Turn, aside: Callable[[Talk], bool] | None) -> bool:
    """Whether words that answered nothing asked for something else, and were heard as that. What is
    under way is laid aside then; where the same talk begins anew, it is over."""
    if aside is None or not aside(turn):
        return False
    if turn.next and turn.next[0] == turn.conversation.name:
        turn.leave()
    else:
        turn.lay_aside()
    return True


def takes_the_offer(turn: Turn) -> bool:
    """Whether it is the yes that calls the person who was offered in the last message."""
    if turn.conversation.misses < OFFERED or turn.said.media:
        return False
    return unwrapped(turn.said.text) in turn.words("heard.send_somebody")
