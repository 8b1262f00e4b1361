"""What a message asks for when nothing is under way: which target, and how sure that is.

A target is a thing to ask for (an opening of the handlers, a service), a conversation or a command
by its name. The words that lead to each are data: `storage/data/meaning/targets.toml` and
`targets.tsv`. Danger goes before all of this (`storage.meaning.dangers_in`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache

from storage.meaning import classify, dangers_in
from storage.meaning.everyday import (
    ANSWER,
    SOUGHT,
    asks_nothing,
    behind_who,
    declares,
    says_little,
    telling,
)
from storage.meaning.pairs import pairs_of
from storage.meaning.reading import read, without_tones
from storage.meaning.targets import (
    REQUEST,
    breaks,
    courtesies,
    either_of,
    names,
    seeks,
    spelled,
    staff,
    targets,
    votes,
    votes_of,
)
from storage.meaning.words import HEARD, SHORT, points_of, syllables
from storage.names import bare, pinyin, simplified
from storage.texts import joined

LONGEST = 40
"""Characters of a message that may name a target plainly; who writes more is telling something."""
READ, MOST_HEARD, SPELLED = 300, 8, 6
"""Characters that are searched for words; the longest word that is understood by its sound; and
from how many letters of pinyin on."""
FEW = 7
"""Up to how many characters a message must hold a word of a target before it is offered."""
TOLD = 1.5
"""What pairs of characters must speak for a target at least, where no word of it is said."""
HINT, PAIRS, MATTER, SERVICE = 0.55, 0.4, 3.0, 1.2
"""What a hint counts, of what a word counts; what pairs of characters count; and what the
classifier of matters (`storage.meaning.classify`), as sure as it can be, counts in good words."""
SHARPNESS, DOUBT = 1.2, 0.8
"""How far points set targets apart; and with how much evidence the confidence is half of that."""
CLEARLY, SURE, QUITE, PERHAPS, HARDLY = 0.62, 0.5, 0.3, 0.08, 0.03
"""From which confidence on a matter is taken for one without a question; from which on a part of a
message asks for something of its own; from which on a word back is enough; below which a target is
not asked about; and below which it does not even stand in the way of another."""
RIVAL = 3.0
"""A matter is one without a question, too, where nothing else is a third as likely."""
MOST = 3
"""Targets that are asked about at once."""
LEAST, PLAIN = 4, 0.6
"""From how many characters, and how sure of its kind, a part of a message tells a matter of its
own."""
TOLD_ALIKE = frozenset({REQUEST, "mediation"})
"""Matters are told in the same words as quarrels; filing one asks which it is, where it may be."""
COMPLAINT, MENU, THANKS = "complaint", "menu", "thanks"
QUIET = frozenset({MENU, THANKS, ANSWER})
"""Targets that only answer and change nothing: never asked about, and no second meaning."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What to do with a message: go to `acts` at once, or ask which of `asks` is meant. Where both
    are empty, nothing was understood.

    guess: the one of `asks` that it sounds like much more than like any other.
    """

    acts: str = ""
    asks: tuple[str, ...] = ()
    guess: str = ""


@lru_cache(maxsize=64)
def named(text: str) -> frozenset[str]:
    """The targets that `text` names plainly: it consists of their words and of courtesies only, or
    of the words and hints of one. Empty when it says anything more."""
    said = bare(without_tones(text))
    if not said or len(said) > LONGEST:
        return frozenset()
    if said.isascii() and said.isalpha():
        found = _cover(said, *spelled())
    else:
        found = _cover(said, names(), courtesies()) or _with_hints(text, said)
    if declares(said) and not seeks(text):
        found -= SOUGHT
    return found - QUIET or found


def _with_hints(text: str, said: str) -> frozenset[str]:
    """The target whose words and hints are all that is said, where no other comes near it."""
    found = [
        key
        for key, target in targets().items()
        if any(word in said for word in target.words) and _cover(said, *_own(key))
    ]
    near = [key for key, sure in _ranked(text) if sure >= HARDLY]
    return frozenset(found) if found == near else frozenset()


@cache
def _own(key: str) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """The words of one target, and what may stand around them when no other is named."""
    target = targets()[key]
    return {word: frozenset({key}) for word in target.words}, courtesies() | set(target.hints)


def _cover(said: str, known: dict[str, frozenset[str]], around: frozenset[str]) -> frozenset[str]:
    """The targets of the words that `said` can be cut into, in as few pieces as can be."""
    longest = max(map(len, (*known, *around)))
    best: list[tuple[int, frozenset[str]] | None] = [(0, frozenset())]
    for end in range(1, len(said) + 1):
        best.append(None)
        for start in range(max(0, end - longest), end):
            before, piece = best[start], said[start:end]
            if before is None or (piece not in known and piece not in around):
                continue
            cut = before[0] + 1, before[1] | known.get(piece, frozenset())
            present = best[end]
            if present is None or (cut[0], len(cut[1])) < (present[0], len(present[1])):
                best[end] = cut
    whole = best[-1]
    return whole[1] if whole else frozenset()


def wanted(text: str) -> list[tuple[str, float]]:
    """(target, confidence) of what `text` may ask for, likeliest first; confidence 0 to 1.

    1 where the words name that target and nothing else. Pure; any string will do.
    """
    plainly = named(text)
    if len(plainly) == 1:
        return [(next(iter(plainly)), 1.0)]
    return _ranked(text)


def _ranked(text: str) -> list[tuple[str, float]]:
    """As `wanted`, by weight alone."""
    return list(_weighed(text))


@lru_cache(maxsize=64)
def _weighed(text: str) -> tuple[tuple[str, float], ...]:
    points = _points(text)
    if not points:
        return ()
    most = max(points.values())
    weights = {key: math.exp((one - most) * SHARPNESS) for key, one in points.items()}
    whole = sum(weights.values())
    sure = {
        key: round(weight / whole * points[key] / (points[key] + DOUBT), 3)
        for key, weight in weights.items()
    }
    return tuple(sorted(sure.items(), key=lambda pair: (-pair[1], pair[0])))


def understood(text: str) -> Understood:
    """Whether to act on `text`, or what to ask. Acts where it names one target and nothing else,
    where it clearly tells a matter, and where all that is wanted is a word back."""
    about_staff = any(word in simplified(text) for word in staff())
    if dangers_in(text):  # the numbers to call are shown first either way
        return _asking([COMPLAINT, REQUEST]) if about_staff else Understood(acts=REQUEST)
    meant = _meant(text)
    asks = meant.asks or ((REQUEST,) if meant.acts == REQUEST else ())
    if asks and COMPLAINT not in asks and about_staff:
        return _asking([COMPLAINT, *asks])  # what is filed could reach whom it is about
    return meant


def _tells_besides(text: str) -> bool:
    """Whether more is told than who somebody is: 我是租客 水管漏了, 我是3栋的电梯坏了."""
    rest = behind_who(text)
    return bool(rest) and bool(classify(rest).alternatives)


def _meant(text: str) -> Understood:
    plainly = named(text)
    if len(plainly) == 1:
        return Understood(acts=next(iter(plainly)))
    ranked = wanted(text)
    if plainly and plainly <= QUIET:
        return Understood(acts=THANKS if THANKS in plainly else MENU)
    if plainly:
        return _asking([key for key, _ in ranked if key in plainly])
    if (quiet := asks_nothing(text)) and not _tells_besides(text):
        return Understood(acts=quiet)
    parts = several(text)
    if len(parts) > 1:
        return _asking(list(parts))
    likely = [key for key, sure in ranked if sure >= PERHAPS]
    either = either_of(text)
    if likely and likely[0] in either:
        return _asking(list(dict.fromkeys([*either, *likely])))
    likely = [key for key in likely if _has_grounds(text, key)]
    if not likely:
        return Understood()
    if set(likely) <= QUIET:
        return Understood(acts=likely[0] if ranked[0][1] >= QUITE else "")
    likely = [key for key in likely if key not in QUIET]
    most = dict(ranked)[likely[0]]
    rivals = [key for key, sure in ranked if sure >= most / RIVAL and key not in TOLD_ALIKE]
    if not set(likely) - TOLD_ALIKE and _is_a_matter(text):
        return Understood(acts=REQUEST)
    if likely[0] == REQUEST and not set(likely) - TOLD_ALIKE - SOUGHT and not seeks(text):
        return Understood(acts=REQUEST)
    if likely[0] == REQUEST and (likely == [REQUEST] or not rivals or most >= CLEARLY):
        return Understood(acts=likely[0])
    return _asking(likely, guess=likely[0] if most >= SURE else "")


def _has_grounds(text: str, key: str) -> bool:
    """Whether more than a few characters speak for a target. What is short must name something of
    it: single characters that it shares with sentences about it would lead anywhere."""
    said = bare(without_tones(simplified(text[:READ])))
    if len(said) > FEW or key in QUIET:
        return True
    if key in SOUGHT and declares(said) and not seeks(text):
        return False
    if _words(said, _heard(said), key) > 0 or (key == REQUEST and classify(text).confidence):
        return True
    return dict(_ranked(text))[key] >= SURE or _by_pairs(text).get(key, 0.0) >= TOLD


def _by_pairs(text: str) -> dict[str, float]:
    """What the pairs of a text speak for that are no everyday words."""
    told = (pairs_of(clause) for clause, _ in read(telling(text)).clauses)
    return votes_of({pair for pairs in told for pair in pairs if not says_little(pair)})


def _asking(keys: list[str], guess: str = "") -> Understood:
    """To ask about these, and where there is room whether it is a matter to be put right."""
    asks = [key for key in keys if key not in QUIET][:MOST]
    shown = asks if len(asks) == MOST else dict.fromkeys([*asks, REQUEST])
    return Understood(asks=tuple(shown), guess=guess if guess != REQUEST else "")


def _is_a_matter(text: str) -> bool:
    """Whether what is told is a matter to be put right, and no quarrel."""
    meaning = classify(text)
    return meaning.service == REQUEST and meaning.confidence >= SURE


def several(text: str) -> dict[str, str]:
    """What the parts of a message ask for, each sure by itself, and the words of each."""
    parts = [part for part in breaks().split(text) if len(bare(part)) > 1]
    found: dict[str, str] = {}
    for part in parts if len(parts) > 1 else []:
        ranked = wanted(part)
        if ranked and ranked[0][1] >= SURE and ranked[0][0] not in QUIET:
            key = ranked[0][0]
            found[key] = joined([found.get(key, ""), part.strip()])
    if REQUEST in found:  # who tells a matter says where they live, too
        found.pop("arrival", None)
    return found


def other_matters(text: str) -> list[str]:
    """The parts of what was filed that plainly tell of something else than the first: 垃圾也没人收
    of 楼道灯坏了，垃圾也没人收. Pure."""
    first, found = "", dict[str, str]()
    for part in breaks().split(text):
        meaning = classify(part)
        if len(bare(part)) < LEAST or meaning.confidence < PLAIN or meaning.dangers:
            continue
        first = first or meaning.category
        if meaning.category != first:
            found.setdefault(meaning.category, part.strip())
    return list(found.values())[:MOST]


def _points(text: str) -> dict[str, float]:
    """What speaks for each target: its words, its sentences, and what the matter is."""
    said = bare(without_tones(simplified(text[:READ])))
    heard = _heard(said) if len(said) <= SHORT else {}
    points = {key: PAIRS * one for key, one in votes(text).items()}
    for key in targets():
        one = _words(said, heard, key)
        if one:
            points[key] = points.get(key, 0.0) + one
    meaning = classify(text)
    if meaning.confidence:
        key, weight = _of_service(meaning.service)
        points[key] = points.get(key, 0.0) + weight * meaning.confidence
    return points


def _of_service(service: str) -> tuple[str, float]:
    """The target that a service of `classify` speaks for, and what that counts."""
    kept = {"wish", "legal", "errand", "mediation", "complaint"}
    if service in kept:
        return service, SERVICE
    if service == "dispute":
        return "mediation", SERVICE
    if service == "convenience":
        return "directory", SERVICE
    return REQUEST, MATTER


@cache
def _by_length(key: str) -> tuple[tuple[str, float, tuple[str, ...]], ...]:
    """The words and hints of a target, longest first: each with its points and its syllables."""
    target = targets()[key]
    weighed = {word: points_of(word) * HINT for word in target.hints}
    weighed |= {word: points_of(word) for word in target.words if len(word) > 1}
    longest = sorted(weighed, key=lambda word: (-len(word), word))
    return tuple((word, weighed[word], syllables(word)) for word in longest)


@cache
def _letters(word: str) -> str:
    """The pinyin of a word, where it is long enough to be nothing else."""
    letters = pinyin(word)[0]
    return letters if len(letters) >= SPELLED else " "


def _heard(said: str) -> dict[tuple[str, ...], str]:
    """What stands in `said`, by how it sounds."""
    sizes = range(2, MOST_HEARD + 1)
    parts = (said[i : i + size] for size in sizes for i in range(len(said) - size + 1))
    return {syllables(part): part for part in parts}


def _words(said: str, heard: dict[tuple[str, ...], str], key: str) -> float:
    """What the words of a target that stand in `said` count, each character once; a word that is
    only heard counts less, and of two characters one must be right."""
    points, rest = 0.0, said
    for word, weight, sound in _by_length(key):
        if word in rest:
            rest = rest.replace(word, " " * len(word))
            points += weight
        elif said.isascii():
            points += weight * HEARD * (len(word) > 1 and _letters(word) in said)
        elif (
            (part := heard.get(sound))
            and part in rest
            and (len(word) > 2 or word[0] == part[0] or word[1] == part[1])
        ):
            points += weight * HEARD
    return points
