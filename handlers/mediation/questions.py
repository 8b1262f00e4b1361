"""The questions that only a mediator is asked: a moment, words of their own, points, a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from handlers.matching import choose
from handlers.mediation.sides import moment_in_words
from handlers.questions import (
    Answered,
    Json,
    Missed,
    Option,
    Partly,
    Prompt,
    Question,
    Reading,
    Text,
)
from storage import masking
from storage.phones import normal_phone
from storage.sides import points_in
from storage.times import moment_in

if TYPE_CHECKING:
    from handlers.talk import Said, Talk

MOST_POINTS = 10
LONGEST_POINT = 100
"""Characters of a point: ten of them still stand on one sheet with the rest."""
LIMITS = {"longest": LONGEST_POINT, "most": MOST_POINTS}
DONE = "done"


class When(Question[datetime]):
    """A moment to come, in plain words (明天下午3点); kept as text of ISO 8601."""

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        found = moment_in(said.text, talk.now, talk.zone)
        return Missed() if found is None else Answered(found.isoformat())

    def value(self, stored: Json, talk: Talk) -> datetime:
        return datetime.fromisoformat(stored)

    def holds(self, stored: Json, talk: Talk) -> bool:
        return datetime.fromisoformat(stored) > talk.now

    def words(self, stored: Json, talk: Talk) -> str:
        return moment_in_words(talk, datetime.fromisoformat(stored))


class OwnWords(Text):
    """Free words on one line, or one of `ready`. without: names and doors that may not stand in
    them, nor may numbers; None: anything may."""

    def __init__(
        self,
        name: str,
        /,
        ready: Sequence[str],
        *,
        most: int,
        without: Sequence[str] | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(name, most=most, **facts)
        self._ready = list(ready)
        self._without = without

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts, options=[Option(one, one) for one in self._ready])

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        index = choose(said.text, self._ready)
        if index is not None:
            return Answered(self._ready[index])
        words = " ".join(said.text.split())
        if not words or not self.holds(words, talk):
            return Missed()
        return super().read(said, picked, talk, draft)

    def holds(self, stored: Json, talk: Talk) -> bool:
        plain = str(stored).translate(masking.PLAIN)
        return self._without is None or masking.without_who(plain, self._without) == plain


class Points(Question[list[str]]):
    """What is agreed, point by point: one message each, or several lines in one; then 说完了."""

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        points = list(draft or ())
        done = [Option(DONE, talk.word("mediation.done"))] if points else []
        return Prompt("more" if points else "ask", {**self.facts, **LIMITS, "points": points}, done)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        points = list(draft or ())
        if picked or (points and choose(said.text, [talk.word("mediation.done")]) == 0):
            return Answered(points) if points else Missed()
        fresh = points_in(said.text)
        if not fresh or max(map(len, fresh)) > LONGEST_POINT:
            return Missed()
        if len(points) + len(fresh) > MOST_POINTS:
            return Missed()
        points += fresh
        return Partly(points, self.prompt(talk, points))

    def holds(self, stored: Json, talk: Talk) -> bool:
        return isinstance(stored, list) and bool(stored)

    def words(self, stored: Json, talk: Talk) -> str:
        return " / ".join(stored)


class NumberOf(Question[str]):
    """Somebody's telephone number, as the mediator knows it; may be skipped (answer "")."""

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts, options=[Option("", talk.word("choice.skip"))])

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked or choose(said.text, [talk.word("choice.skip")]) == 0:
            return Answered("")
        found = normal_phone(said.text, services=True)
        return Missed() if found is None else Answered(found)
