"""Of which kind a matter is, in whatever words: a label, or what speaks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.matching import choose, number_in
from handlers.questions import (
    Answered,
    Json,
    Missed,
    Option,
    Partly,
    Pick,
    Prompt,
    Reading,
    agreement,
    says_nothing,
)
from storage.meaning import classify
from storage.names import bare
from storage.services import OTHER

if TYPE_CHECKING:
    from handlers.talk import Said, Talk


PLAINLY, HALF_SURE, A_LITTLE = 0.55, 0.5, 0.3
"""How sure the meaning of words must be (0 to 1) to answer by itself; to be asked about beside a
guess; and to be asked about where all kinds are shown."""
AHEAD = 3
"""How many times likelier the first of several must be for the others to be left out."""


class WhichKind(Pick):
    """A kind by its name, or by words that speak for one as a first message does: 不是灯，是水.

    Such words tell of the matter too, and are added to it. Where they speak for several kinds,
    those are offered (the draft has them).
    """

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt("again" if draft else "ask", self.facts, self._offered(draft))

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = self._by_label(said, picked, talk, draft)
        if not isinstance(reading, Missed) or number_in(said.text) is not None or said.media:
            return reading
        if bare(said.text) in talk.words("heard.cannot_tell"):
            return self._any_other() or reading
        if says_nothing(said.text, talk) or agreement(said.text, talk) is not None:
            return reading
        meant = instead(said.text, talk)
        fits, sure = self._meant(meant, talk)
        shown = {option.value for option in self.options}
        if sure and len(fits) == 1 and (fits[0].value in shown or meant != said.text):
            return Answered(fits[0].value, telling=True)
        guessed = shown if self._are_guesses() else set()
        if not fits or guessed.issuperset(option.value for option in fits):
            return reading  # nothing speaks for another than what is offered
        keep = guessed if meant == said.text else set()  # 都可以 takes nothing back
        keys = [o.value for o in self._all() if o in fits or o.value in keep]
        return Partly(keys, Prompt("again", self.facts, self._offered(keys)), telling=sure)

    def _any_other(self) -> Reading | None:
        """别的事, for who cannot tell which it is: a person will."""
        found = any(option.value == OTHER for option in self.known)
        return Answered(OTHER) if found else None

    def _by_label(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked or not draft:
            return super().read(said, picked, talk, draft)
        offered = self._offered(draft)
        index = choose(said.text, [option.label for option in offered])
        if index is not None:
            return Answered(offered[index].value)
        if number_in(said.text) is not None:
            return Missed()
        return super().read(said, None, talk, draft)

    def _are_guesses(self) -> bool:
        """Whether the words chose what is offered, and not all that there is."""
        return self.options[-1].value not in {option.value for option in self._all()}

    def _all(self) -> list[Option]:
        """Every kind there is, as those that are understood though no button has them."""
        return self.known[len(self.options) :]

    def _offered(self, draft: Json) -> list[Option]:
        if not draft:
            return list(self.options)
        *first, last = self.options
        guessed = [o for o in first if o.value in draft] if self._are_guesses() else []
        others = [o for o in self._all() if o.value in draft and o.value != last.value]
        return [*guessed, *(o for o in others if o not in guessed), last]

    def _meant(self, text: str, talk: Talk) -> tuple[list[Option], bool]:
        """Which kinds the words speak for, and whether plainly; a word alone (水), those with it in
        their names."""
        options = {option.value: option for option in self._all()}
        meaning = classify(text)
        if meaning.confidence >= (HALF_SURE if self._are_guesses() else A_LITTLE):
            likely = meaning.alternatives
            top = [key for key, speaks in likely if speaks * AHEAD > likely[0][1]]
            return [options[key] for key in top if key in options], meaning.confidence >= PLAINLY
        word = bare(text)
        for ending in talk.words("heard.endings"):
            word = word.removesuffix(ending) or word
        return [option for option in options.values() if word and word in option.label], True


def instead(text: str, talk: Talk) -> str:
    """What is meant by words that take something back: 水 of 不是灯，是水."""
    for word in talk.words("heard.instead"):
        before, found, after = text.rpartition(word)
        if found and bare(after) and not before.endswith(tuple(talk.words("heard.not"))):
            return after
    return text
