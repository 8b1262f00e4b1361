"""The word lists: which categories and first-level classes the words of a text speak for.

A word counts by its length (a longer word says more), once a text, by where it stands first. A
word that is only heard (pinyin, or characters that sound alike) counts less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from pypinyin import lazy_pinyin

from storage.meaning.files import any_letter, kinds, table
from storage.meaning.reading import Reading
from storage.names import sounds

WEAK, STRONG, OFFICE = 0.4, 2.0, 2.2
HEARD = 0.6
"""What a word counts that is only heard, of what it would count written."""
ONE, SHARED = 0.5, 0.5
"""What a one-character word counts, and what counts a word of two categories for each, of one."""
CLASS_WORD = 0.6
"""What a word of a first-level class counts, of what a category's word does."""
BY_THE_WAY = 0.2
"""What a word of any_letter.txt counts beyond the beginning of a text, of what others count."""
AGAIN = (1.0, 0.4, 0.2, 0.1)
"""What a word counts the first, second ... time it is said: what a letter is about, it repeats."""
LONGEST = 8
SHORT = 60
"""Up to how many characters a text is also listened to: long letters are typed with care."""


@dataclass(slots=True)
class Votes:
    """What speaks for each category and for each first-level class."""

    categories: dict[str, float] = field(default_factory=dict)
    classes: dict[str, float] = field(default_factory=dict)

    def speak_for(self, category: str, points: float) -> None:
        """Something else than a word speaks for a category, and so for its class."""
        name = kinds()[category].official_class
        self.categories[category] = self.categories.get(category, 0.0) + points
        self.classes[name] = self.classes.get(name, 0.0) + points

    def add(self, word: Word, weight: float) -> None:
        """One word found."""
        for key, points in word.categories:
            self.categories[key] = self.categories.get(key, 0.0) + points * weight
        for name, points in word.classes:
            self.classes[name] = self.classes.get(name, 0.0) + points * weight


@dataclass(frozen=True, slots=True)
class Word:
    """What one word says: (category, points), (first-level class, points).

    office: it names the authority that is asked to act, so it counts wherever it stands.
    """

    categories: tuple[tuple[str, float], ...]
    classes: tuple[tuple[str, float], ...]
    office: bool


def points_of(word: str) -> float:
    """What a word counts: the longer it is, the more it says."""
    return ONE if len(word) == 1 else float(len(word) ** 0.8 / 2**0.8)


@cache
def lexicon() -> dict[str, Word]:
    """All words of kinds.toml and classes.toml, and what they speak for."""
    by_category: dict[str, dict[str, float]] = {}
    for category in kinds().values():
        for words, share in ((category.words, 1.0), (category.weak, WEAK)):
            for word in words:
                by_category.setdefault(word.lower(), {})[category.key] = share
    by_class: dict[str, dict[str, float]] = {}
    for name, row in table("meaning/classes").items():
        for words, share in (
            (row["strong"], STRONG),
            (row["words"], 1.0),
            (row["offices"], OFFICE),
        ):
            for word in words:
                by_class.setdefault(word.lower(), {})[name] = share
    return {
        word: _word(word, by_category.get(word, {}), by_class.get(word, {}))
        for word in dict.fromkeys([*by_category, *by_class])
    }


def _word(word: str, speaks_for: dict[str, float], classes: dict[str, float]) -> Word:
    points = points_of(word)
    shared = points if len(speaks_for) == 1 else points * SHARED
    by_class = {name: points * share * CLASS_WORD for name, share in classes.items()}
    for key, share in speaks_for.items():
        name = kinds()[key].official_class
        by_class[name] = by_class.get(name, 0.0) + shared * share
    return Word(
        tuple((key, shared * share) for key, share in speaks_for.items()),
        tuple(by_class.items()),
        office=OFFICE in classes.values(),
    )


@cache
def _by_the_way() -> frozenset[str]:
    """The words that stand in letters about anything."""
    return frozenset(word for sentence in any_letter() for _, word in found(sentence))


@cache
def _heard() -> dict[tuple[str, ...], str]:
    """The words of two characters by their pinyin, longer ones by how southern mouths say it."""
    known: dict[tuple[str, ...], str] = {}
    for word in lexicon():
        if len(word) >= 2 and not word.isascii():
            known.setdefault(syllables(word), word)
    return known


@cache
def _spelled() -> list[tuple[str, str]]:
    """(pinyin without spaces, word), the longest first."""
    spelled = {"".join(lazy_pinyin(word)): word for word in reversed(lexicon()) if len(word) >= 2}
    return sorted(
        ((letters, word) for letters, word in spelled.items() if len(letters) >= 4),
        key=lambda pair: -len(pair[0]),
    )


@lru_cache(maxsize=20_000)
def _syllable(character: str) -> str:
    return "".join(lazy_pinyin(character))


def syllables(text: str) -> tuple[str, ...]:
    """Each character by its commonest reading, in words and texts alike, so that they compare."""
    spoken = tuple(map(_syllable, text))
    return spoken if len(text) < 3 else tuple(map(_southern, spoken))


@cache
def _southern(syllable: str) -> str:
    return sounds(syllable)


def found(clause: str) -> Iterator[tuple[int, str]]:
    """The words that stand in a clause, each with where it begins."""
    known = lexicon()
    for start in range(len(clause)):
        for end in range(start + 1, min(start + LONGEST, len(clause)) + 1):
            if clause[start:end] in known:
                yield start, clause[start:end]


def votes(reading: Reading) -> Votes:
    """What the words of a text speak for."""
    known, cast, said = lexicon(), Votes(), Counter[str]()

    def note(word: str, weight: float) -> None:
        again = said[word]
        said[word] += 1
        if again < len(AGAIN):
            if weight < 1.0 and word in _by_the_way():
                weight *= BY_THE_WAY
            cast.add(known[word], AGAIN[again] * (1.0 if known[word].office else weight))

    for clause, weight in reading.clauses:
        heard = clause
        for _, word in found(clause):
            note(word, weight)
            if len(word) > 1:
                heard = heard.replace(word, " " * len(word))
        if reading.length <= SHORT:
            for rest in heard.split():
                for word in heard_in(rest):
                    note(word, HEARD)
    for run in reading.letters:
        for word in spelled_in(run):
            note(word, HEARD)
    return cast


def spelled_in(run: str) -> list[str]:
    """The words that a run of Latin letters spells in pinyin, the longest first, none twice."""
    rest = "".join(c for c in run if c.isalpha())
    words = []
    for letters, word in _spelled():
        if letters in rest:
            rest = rest.replace(letters, " ")
            words.append(word)
    return words


def heard_in(text: str) -> list[str]:
    """The words that are right only by their sound (路登 for 路灯); of two, one must be right."""
    known = _heard()
    parts = (
        text[start:end]
        for start in range(len(text))
        for end in range(start + 2, min(start + LONGEST, len(text)) + 1)
    )
    return [
        word
        for part in parts
        if (word := known.get(syllables(part)))
        if len(word) > 2 or word[0] == part[0] or word[1] == part[1]
    ]
