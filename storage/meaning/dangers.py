"""Danger to life in a resident's words: what kind, and which numbers to show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from pypinyin import lazy_pinyin
from pypinyin.contrib.tone_convert import to_normal
from pypinyin.pinyin_dict import pinyin_dict

from storage.meaning.alarm import sounds_like
from storage.meaning.files import table
from storage.meaning.reading import GAP, LETTERS, without_tones
from storage.names import simplified

MOST = 20_000
"""Characters that are looked through."""
VOWELS = frozenset("aeiouv")
LONGEST_SYLLABLE = 6
CLAUSE = re.compile(r"[，。！？；,.!?;\n]+")


@dataclass(frozen=True, slots=True)
class Danger:
    """One kind of danger, as dangers.toml has it.

    category: the kind of matter it is; calls: the numbers to ring, the first first; life: whether
    it is one to somebody's life; seen, across and spelled: what it is known by in a
    clause, over several, and in pinyin.
    """

    key: str
    category: str
    calls: tuple[str, ...]
    always: bool
    life: bool
    seen: re.Pattern[str]
    across: re.Pattern[str] | None
    spelled: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    """What takes the danger out of words, see dangers.toml."""

    harmless: re.Pattern[str]
    told_of: re.Pattern[str]
    hypothetical: re.Pattern[str]
    complaint: re.Pattern[str]
    now: re.Pattern[str]
    letter: int


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


@cache
def dangers() -> dict[str, Danger]:
    """All kinds of danger by key."""
    rows = {key: row for key, row in table("meaning/dangers").items() if isinstance(row, dict)}
    return {
        key: Danger(
            key,
            row["category"],
            tuple(row["calls"]),
            row.get("always", False),
            row.get("life", True),
            _any([*map(re.escape, row["words"]), *row.get("patterns", ())]),
            _any(row["across"]) if "across" in row else None,
            tuple(
                tuple(syllables)
                for word in row["words"]
                if len("".join(syllables := lazy_pinyin(word))) >= 5
            ),
        )
        for key, row in rows.items()
    }


@cache
def _rules() -> _Rules:
    rows = table("meaning/dangers")
    return _Rules(
        harmless=_any(rows["harmless"]),
        told_of=_any(rows["told_of"]),
        hypothetical=_any(rows["hypothetical"]),
        complaint=_any(rows["complaint"]),
        now=_any(rows["now"]),
        letter=rows["letter"],
    )


@lru_cache(maxsize=256)  # asked for at every step of a talk, see `classify`
def dangers_in(text: str, *, plainly: bool = False) -> tuple[str, ...]:
    """The kinds of danger that `text` tells of, as keys of `dangers`; empty when there is none.

    What might be, what was, and words that only look like danger do not count. plainly: neither
    does what no list has and only sounds like danger.
    """
    rules = _rules()
    plain = rules.harmless.sub("  ", without_tones(simplified(text[:MOST])))
    long = len(GAP.sub("", plain)) > rules.letter
    past = (long or rules.complaint.search(plain)) and not rules.now.search(plain)
    clauses = [clause for clause in CLAUSE.split(plain) if not rules.told_of.search(clause)]
    present = [clause for clause in clauses if not rules.hypothetical.search(clause)]
    found = {key for run in LETTERS.findall(plain) for key in _spelled(run)}
    for danger in dangers().values():
        told = clauses if danger.always else [] if past else present
        if any(danger.seen.search(clause) for clause in told) or (
            danger.across is not None and danger.across.search(",".join(told))
        ):
            found.add(danger.key)
    if not plainly and not found and not past and not long and (kind := sounds_like(present)):
        found.add(kind)
    return tuple(key for key in dangers() if key in found)


def _spelled(run: str) -> list[str]:
    """What a run of Latin letters spells: 'wo yao zhao lvshi' is not 要炸, though it begins so."""
    letters = "".join(c for c in run if c.isalpha())
    return [
        danger.key
        for danger in dangers().values()
        if any(_stands_in(letters, syllables) for syllables in danger.spelled)
    ]


def _stands_in(letters: str, syllables: tuple[str, ...]) -> bool:
    word, last = "".join(syllables), syllables[-1]
    ends = (match.end() for match in re.finditer(re.escape(word), letters))
    return any(not _goes_on(last, letters[end:]) for end in ends)


def _goes_on(syllable: str, rest: str) -> bool:
    """Whether `rest` makes a longer syllable of this one; a consonant before a vowel begins the
    next one (要炸你, yao zha ni, is no 要站)."""
    for more in range(1, min(len(rest), LONGEST_SYLLABLE - len(syllable)) + 1):
        begins_next = rest[more - 1] not in VOWELS and rest[more : more + 1] in VOWELS
        if syllable + rest[:more] in _syllables() and not begins_next:
            return True
    return False


@cache
def _syllables() -> frozenset[str]:
    """Every syllable of Mandarin, without its tone."""
    readings = (one for several in pinyin_dict.values() for one in several.split(","))
    return frozenset(to_normal(reading) for reading in readings)
