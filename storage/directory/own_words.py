"""The words of one directory that no lexicon knows: its trades' own phrases, and its names."""

from __future__ import annotations

from collections import defaultdict

from storage.directory.reading import Unit
from storage.directory.terms import Terms

PARTLY = 0.9
"""What a phrase counts of which only a part is said, times that part."""
LEAST_SHARE = 0.5
"""Less of a phrase, and of what was said, is a coincidence."""


class OwnWords:
    """Phrases (钢琴调律) are found whole, by sound, or by half of them; names only whole."""

    def __init__(self) -> None:
        self._phrases = Terms(simple=True)
        self._names = Terms(simple=True)
        self._grams: dict[str, list[str]] = defaultdict(list)

    def add_phrase(self, phrase: str, means: str | None = None) -> None:
        """Know a phrase; means: the phrase it stands for, when it is not itself."""
        means = means or phrase
        known = self._phrases.by_word.get(phrase)
        if known is not None and means in known.roles:
            return
        self._phrases.add(phrase, means)
        for gram in _grams(phrase):
            self._grams[gram].append(phrase)

    def add_name(self, name: str) -> None:
        """Know a name of a shop, or a part of it."""
        if name not in self._names.by_word:
            self._names.add(name, name)

    def phrases(self, units: list[Unit], said: str) -> dict[str, float]:
        """The phrases that are said, 0..1. said: what is no padding, in pieces."""
        found: dict[str, float] = {}
        for one in self._phrases.find(units):
            for phrase in one.term.roles:
                found[phrase] = max(one.fit, found.get(phrase, 0.0))
        shared: dict[str, set[str]] = defaultdict(set)
        for piece in said.split():
            for gram in _grams(piece):
                for phrase in self._grams.get(gram, ()):
                    shared[phrase].add(gram)
        content = len(said.replace(" ", ""))
        for phrase, grams in shared.items():
            sure = PARTLY * _share(phrase, grams, content)
            for means in self._phrases.by_word[phrase].roles:
                found[means] = max(sure, found.get(means, 0.0))
        return found

    def names(self, units: list[Unit], rest: str) -> dict[str, float]:
        """The names that are most of what is said beside the need itself, 0..1.

        rest: what the lexicon does not know of it, in pieces.
        """
        found: dict[str, float] = {}
        unknown = len(rest.replace(" ", ""))
        for one in self._names.find(units):
            share = min(1.0, one.length / max(1, unknown))
            if share > LEAST_SHARE:
                for name in one.term.roles:
                    found[name] = max(one.fit * share, found.get(name, 0.0))
        return found


def _grams(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _share(phrase: str, grams: set[str], content: int) -> float:
    """How much of a phrase, or of what was said, pairs of characters cover; 0 for too little."""
    covered = sum(
        phrase[i : i + 2] in grams or (i > 0 and phrase[i - 1 : i + 1] in grams)
        for i in range(len(phrase))
    )
    share = max(covered / len(phrase), min(1.0, covered / max(1, content)))
    return share if share >= LEAST_SHARE else 0.0
