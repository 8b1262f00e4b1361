"""One matter, read: what it names, what it is about, and the pairs of characters it is made of."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from storage.alike.lexicon import Kind, Lexicon, lexicon
from storage.alike.matter import Matter
from storage.names import digits, simplify

MOST_CHARACTERS = 1500
"""What of a long letter is read: after that it repeats itself."""
TITLE = 40
"""Characters; a first sentence longer than this is a beginning, not a title."""
TITLE_WEIGHT = 2.0
SHORTEST_TITLE = 4
HALF_READ = 200
"""After so many characters a sentence counts half."""
LONGEST_NAME = 6
PAIR, THREE, CORE = 0.6, 0.5, 0.9
"""What a rare piece of a name proves, shared: a pair, three characters, all of its own part."""

_GAP = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_SENTENCE = re.compile(r"[\u3002\uff01\uff1f!?;\n\t]|\. ")
_BUILDING = re.compile(r"(\d{1,3}|[a-z])(?:\u680b|\u5e62|\u53f7\u697c|\u5ea7|#)")
_UNIT = re.compile(r"\d{1,2}\u5355\u5143|\d{1,5}(?:\u5ba4|\u6237)")


@dataclass(frozen=True)
class Reading:
    """A matter as it is compared.

    `bare` is its place and text without gaps. `weights`: the pairs of characters outside
    courtesies; what the title says weighs more. `names`: pieces of two or three characters of
    what may be names, in the text and the place, with what each proves. `told`: whether the text
    has any. `spots`: the whole names. `kinds`: what it is about, by name, with weights. `wide`:
    the pairs of the words that told those kinds that need no place, and which share of all kinds
    these are. `regions`: the anonymised codes, ("a", "5") for A5区. `area`: the place as it was
    given, without building and unit. `buildings`: their numbers.
    """

    matter: Matter
    bare: str
    weights: dict[str, float]
    names: dict[str, float]
    told: bool
    spots: frozenset[str]
    kinds: dict[str, float]
    wide: dict[str, float]
    regions: frozenset[tuple[str, str]]
    area: str
    buildings: frozenset[str]

    @cached_property
    def districts(self) -> frozenset[tuple[str, str]]:
        """The regions below a city."""
        return frozenset(region for region in self.regions if region[1])

    @cached_property
    def spot_pairs(self) -> frozenset[str]:
        """All pairs of characters inside what may be names."""
        return frozenset(spot[i : i + 2] for spot in self.spots for i in range(len(spot) - 1))

    @cached_property
    def cities(self) -> frozenset[str]:
        """The letters of all regions."""
        return frozenset(letter for letter, _ in self.regions)


def read(matter: Matter) -> Reading:
    """Never raises for any text or place."""
    words = lexicon()
    text = simplify(_whole(matter.text[:MOST_CHARACTERS]))
    place = simplify(_whole((matter.place or "")[:MOST_CHARACTERS]))
    area = _GAP.sub("", words.code.sub(" ", _UNIT.sub(" ", _BUILDING.sub(" ", digits(place)))))
    told = set(_names_in(text, words))
    kinds = _kinds(text, words)
    spots = told | set(_names_in(place, words))
    if len(area) > 1:
        spots.add(area)
    return Reading(
        matter=matter,
        bare=_GAP.sub("", place) + "|" + _GAP.sub("", text),
        weights=_weights(text, words),
        names=_names(spots, words),
        told=bool(told),
        spots=frozenset(spots),
        kinds=kinds,
        wide=_wide(text, kinds, words),
        regions=frozenset(words.code.findall(f"{place} {text}")),
        area=area,
        buildings=frozenset(_BUILDING.findall(digits(f"{place} {text[:200]}"))),
    )


def _whole(text: str) -> str:
    """Without halves of a character, which JSON can carry and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _sentences(text: str, words: Lexicon) -> Iterator[tuple[str, float]]:
    """The sentences with what each counts: a title most, and the less the later they come."""
    read_so_far = 0
    for sentence in _SENTENCE.split(text):
        length = len(_GAP.sub("", words.courtesies.sub(" ", sentence)))
        if length < SHORTEST_TITLE:
            yield sentence, 1.0
            continue
        title = TITLE_WEIGHT if read_so_far == 0 and len(sentence) <= TITLE else 1.0
        yield sentence, title / (1 + read_so_far / HALF_READ)
        read_so_far += length


def _weights(text: str, words: Lexicon) -> dict[str, float]:
    """The pairs of characters that are in no courtesy and in no word that tells the kind."""
    weights: dict[str, float] = {}
    for sentence, weight in _sentences(text, words):
        rest = list(sentence)
        for start, end, _ in _kind_words(sentence, words):
            rest[start:end] = " " * (end - start)
        plain = words.code.sub(" ", words.courtesies.sub(" ", "".join(rest)))
        for run in _GAP.split(plain):
            for i in range(len(run) - 1):
                pair = run[i : i + 2]
                if pair[0] in words.little or pair[1] in words.little or pair.isdigit():
                    continue
                weights[pair] = max(weights.get(pair, 0.0), weight)
    return weights


def _kinds(text: str, words: Lexicon) -> dict[str, float]:
    """The kinds its words name; said more often, or in the title, a kind weighs more."""
    found: dict[str, float] = {}
    for sentence, weight in _sentences(text, words):
        for _, _, kind in _kind_words(sentence, words):
            found[kind.name] = found.get(kind.name, 0.0) + kind.weight * weight
    return {name: math.log1p(weight) for name, weight in found.items()}


def _wide(text: str, kinds: dict[str, float], words: Lexicon) -> dict[str, float]:
    """The pairs of the words of wide kinds, as far as the matter is about those."""
    share = sum(weight for name, weight in kinds.items() if words.kinds[name].wide)
    if not share:
        return {}
    share /= sum(kinds.values())
    return {
        sentence[i : i + 2]: share
        for sentence, _ in _sentences(text, words)
        for start, end, kind in _kind_words(sentence, words)
        if kind.wide
        for i in range(start, end - 1)
    }


def _kind_words(sentence: str, words: Lexicon) -> Iterator[tuple[int, int, Kind]]:
    """Where a word stands that tells a kind, the longest that fits."""
    i = 0
    while i < len(sentence):
        for length in range(min(words.longest_word, len(sentence) - i), 0, -1):
            kind = words.kind_words.get(sentence[i : i + length])
            if kind is not None:
                yield i, i + length, kind
                i += length - 1
                break
        i += 1


def _names_in(text: str, words: Lexicon) -> Iterator[str]:
    """Runs of characters that end as names do, cut where a name can begin."""
    long, short = words.endings
    for run in _GAP.split(words.code.sub(" ", text)):
        for end in range(2, len(run) + 1):
            ending = 0
            for length in (3, 2):
                if run[max(0, end - length) : end] in long:
                    ending = length
                    break
            if not ending and run[end - 1] in short and not _goes_on(run, end, words):
                ending = 1
            if not ending:
                continue
            start = _beginning(run, end - ending, words)
            name = run[start:end]
            if len(name) > ending + 1 and not _is_common(name, words):
                yield name


def _goes_on(run: str, end: int, words: Lexicon) -> bool:
    """Whether what looks like an ending is the first half of a word (城市, 里面, 场所)."""
    return run[end - 1] not in words.firm and run[end - 1 : end + 1] in words.pairs


def _is_common(name: str, words: Lexicon) -> bool:
    """Whether it is an everyday word, or one with less than two characters before it."""
    return any(name[start:] in words.common for start in (0, 1))


def _beginning(run: str, end: int, words: Lexicon) -> int:
    """Where the name whose ending begins at `end` begins."""
    start = end
    while start > 0 and end - start < LONGEST_NAME:
        if any(run[max(0, start - n) : start] in words.before for n in (1, 2, 3)):
            break
        if run[max(0, start - 2) : start] in words.endings[0]:
            break
        if any(_is_told(run[max(0, start - n) : start], words) for n in (2, 3, 4)):
            break
        start -= 1
    return start


def _is_told(word: str, words: Lexicon) -> bool:
    """Whether it is a word that is no part of a name."""
    return word in words.kind_words or word in words.common


def _names(spots: set[str], words: Lexicon) -> dict[str, float]:
    """What two ways of writing one name share: pairs of its own part, threes of all of it."""
    pieces: dict[str, float] = {}
    for spot in spots:
        core = _core(spot, words)
        for run, size, proof in ((core, 2, PAIR), (spot[: len(core) + 1], 3, THREE)):
            for i in range(len(run) - size + 1):
                piece = run[i : i + size]
                if not piece.isdigit() and words.little.isdisjoint(piece):
                    pieces.setdefault(piece, proof)
        if len(core) in (2, 3):
            numbered = core.isdigit() and len(core) == 2  # 66 is anywhere, 66路 is not
            pieces[spot[:3] if numbered else core] = CORE
    return pieces


def _core(spot: str, words: Lexicon) -> str:
    """A name without what many names end in."""
    for ending in words.endings[0]:
        if spot.endswith(ending) and len(spot) > len(ending) + 1:
            spot = spot.removesuffix(ending)
            break
    return spot[:-1] if spot[-1:] in words.endings[1] and len(spot) > 2 else spot
