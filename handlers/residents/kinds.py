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
from storage.names import bare
from storage.services import likely

if TYPE_CHECKING:
    from handlers.talk import Said, Talk


class WhichKind(Pick):
    """A kind by its name, or by words that speak for one as a first message does: 不是灯，是水.

    Such words tell of the matter too, and are added to it. Where they speak for several kinds,
    those are offered (the draft has them).
    """

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts, options=self._offered(draft))

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = self._by_label(said, picked, talk, draft)
        if not isinstance(reading, Missed) or number_in(said.text) is not None or said.media:
            return reading
        if says_nothing(said.text, talk) or agreement(said.text, talk) is not None:
            return reading
        fits = self._meant(instead(said.text, talk), talk)
        if len(fits) == 1:
            return Answered(fits[0].value, telling=True)
        guessed = {option.value for option in self.options} if self._are_guesses() else set()
        if not fits or any(option.value in guessed for option in fits):
            return reading  # nothing speaks against what is offered: it tells more of that
        keys = [option.value for option in fits]
        return Partly(keys, Prompt("again", self.facts, self._offered(keys)), telling=True)

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
        last = self.options[-1]
        return [*(o for o in self._all() if o.value in draft and o.value != last.value), last]

    def _meant(self, text: str, talk: Talk) -> list[Option]:
        """Which kinds the words speak for; a word alone (水), those with it in their names."""
        keys = [kind.key for kind in likely(text)]
        word = bare(text)
        for ending in talk.word("heard.endings").split():
            word = word.removesuffix(ending) or word
        options = {option.value: option for option in self._all()}
        if keys:
            return [options[key] for key in keys if key in options]
        return [option for option in options.values() if word and word in option.label]


def instead(text: str, talk: Talk) -> str:
    """What is meant by words that take something back: 水 of 不是灯，是水."""
    for word in talk.word("heard.instead").split():
        before, found, after = text.rpartition(word)
        if found and bare(after) and not before.endswith(tuple(talk.word("heard.not").split())):
            return after
    return text
