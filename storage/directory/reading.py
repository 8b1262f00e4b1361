"""A text as the search reads it: one unit per character or typed syllable, each with its sound."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from pypinyin import lazy_pinyin

from storage.names import simplified, sounds

DATA = Path(__file__).parent.parent / "data" / "directory"
MOST_CHARACTERS = 160
"""A request that is longer is read up to here: what is needed is said by then."""
LONGEST_SYLLABLE = 6
NOTHING = ""

_PARTS = re.compile(r"[a-z]+|[0-9]+|[\u4e00-\u9fff]|[^\sa-z0-9\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """One character, or one syllable typed in letters (`char` is empty then).

    sound: pinyin without tone; heard: what southern ears make of it (see names.sounds). Both are
    empty for punctuation, which no word reaches across.
    """

    char: str
    sound: str
    heard: str

    @property
    def typed(self) -> bool:
        """Whether it is a syllable in letters."""
        return not self.char and bool(self.sound)


GAP = Unit(NOTHING, NOTHING, NOTHING)


@cache
def syllables() -> frozenset[str]:
    """Every syllable of the language, in letters without tones."""
    return frozenset((DATA / "syllables.txt").read_text("utf-8").split())


@lru_cache(maxsize=1024)
def heard(syllable: str) -> str:
    """A syllable as southern ears hear it (see names.sounds)."""
    return sounds(syllable)


@lru_cache(maxsize=16384)
def unit(char: str) -> Unit:
    """The unit of a character, or of letters that are no pinyin."""
    sound = lazy_pinyin(char)[0]
    return Unit(char, sound, heard(sound))


@lru_cache(maxsize=4096)
def typed_unit(syllable: str) -> Unit:
    """The unit of a typed syllable."""
    return Unit(NOTHING, syllable, heard(syllable))


@lru_cache(maxsize=4096)
def split(letters: str) -> tuple[str, ...] | None:
    """Letters as syllables, as few as possible: kaisuo → kai, suo. None when they are none."""
    best: list[tuple[str, ...] | None] = [()]
    for end in range(1, len(letters) + 1):
        found: tuple[str, ...] | None = None
        for start in range(max(0, end - LONGEST_SYLLABLE), end):
            before, part = best[start], letters[start:end]
            if (
                before is not None
                and part in syllables()
                and (found is None or len(before) + 1 < len(found))
            ):
                found = (*before, part)
        best.append(found)
    return best[-1]


def read(text: str) -> list[Unit]:
    """The units of any text, in simplified characters."""
    return read_bare(simplified(text[:MOST_CHARACTERS]))


def read_bare(text: str) -> list[Unit]:
    """`read`, of a text that is simplified already."""
    units: list[Unit] = []
    for part in _PARTS.findall(text):
        if part.isdigit() or (len(part) == 1 and part.isalpha() and not part.isascii()):
            units.append(unit(part))
        elif part.isascii() and part.isalpha():
            found = split(part)
            units += [typed_unit(one) for one in found] if found else [unit(part)]
        elif units and units[-1] is not GAP:
            units.append(GAP)
    return units
