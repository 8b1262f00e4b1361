"""Finding known words in a text: as written, by their sound, in pinyin, with a typing error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz, process

from storage.directory.reading import NOTHING, Unit, heard, read_bare
from storage.names import bare

AS_WRITTEN, SAME_SOUND, LIKE_SOUND, TYPING_ERROR = 1.0, 0.95, 0.88, 0.85
"""How far a word is trusted that was found in one of these ways."""
LETTERS_ALIKE, LETTERS_LEAST, LETTERS_MOST = 84.0, 5, 24
"""Two typed words of six letters may differ in one; shorter ones are too many other words."""
UNKNOWN = "\0"
ANY = "*"


@dataclass(slots=True)
class Term:
    """A word, and what it stands for: any values that whoever looks for it understands."""

    word: str
    sound: tuple[str, ...]
    roles: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """A term in a text, from unit `start` to before `end`; fit: how sure it is that one."""

    term: Term
    start: int
    end: int
    fit: float

    @property
    def length(self) -> int:
        """In units."""
        return self.end - self.start


def _as_a_whole(word: str, single: tuple[str, ...]) -> tuple[str, ...]:
    """How a word is read as one, which may differ from its characters (银行: hang, not xing)."""
    whole = tuple(lazy_pinyin(word))
    return whole if len(whole) == len(single) else single


class Terms:
    """A set of words that texts are searched for. A word may be added many times, by many roles.

    simple: for very many words; each is known by its characters' readings only, and not with a
    typing error.
    """

    def __init__(self, *, simple: bool = False) -> None:
        self._simple = simple
        self.by_word: dict[str, Term] = {}
        self._by_sound: dict[str, list[Term]] = {}
        self._nearly: dict[str, Term] = {}
        self._letters: dict[str, list[Term]] = {}
        self._longest = 1

    def add(self, word: str, role: Any) -> None:
        """Let `word` (any writing of it) stand for `role` too; what is no word is passed over."""
        key = bare(word)
        if not key:
            return
        term = self.by_word.get(key)
        if term is None:
            term = self._new(key)
        if role not in term.roles:
            term.roles.append(role)

    def _new(self, key: str) -> Term:
        single = tuple(one.sound for one in read_bare(key))
        whole = single if self._simple or key.isascii() else _as_a_whole(key, single)
        term = self.by_word[key] = Term(key, whole)
        self._longest = max(self._longest, len(single))
        for reading in {whole, single}:
            self._by_sound.setdefault(_key(heard(one) for one in reading), []).append(term)
        if self._simple:
            return term
        if len(whole) > 1:
            self._letters.setdefault("".join(whole), []).append(term)
        if not key.isascii():
            for variant in _slips(key):
                self._nearly.setdefault(variant, term)
        return term

    def find_written(self, text: str) -> Iterator[Found]:
        """All terms in a text without spaces or punctuation, as written only; for many texts."""
        for start in range(len(text)):
            for end in range(start + 1, min(len(text), start + self._longest) + 1):
                term = self.by_word.get(text[start:end])
                if term is not None:
                    yield Found(term, start, end, AS_WRITTEN)

    def find(self, units: list[Unit]) -> list[Found]:
        """All terms in a text, as written or by sound; the best way for each place."""
        found: list[Found] = []
        for start in range(len(units)):
            word, sound = NOTHING, NOTHING
            for end in range(start + 1, min(len(units), start + self._longest) + 1):
                last = units[end - 1]
                if not last.sound:
                    break
                word += last.char or UNKNOWN
                sound += f" {last.heard}"
                term = self.by_word.get(word)
                if term is not None:
                    found.append(Found(term, start, end, AS_WRITTEN))
                    continue
                for term in self._by_sound.get(sound, ()):
                    fit = _fit(term, units[start:end], whole=1 < end - start == len(units))
                    if fit:
                        found.append(Found(term, start, end, fit))
        return found

    def find_slips(self, units: list[Unit]) -> Iterator[Found]:
        """Terms with a wrong or a swapped character; only worth a look when `find` saw nothing."""
        text = "".join(one.char or UNKNOWN for one in units)
        for start in range(len(text)):
            for end in range(start + 3, min(len(text), start + self._longest) + 1):
                for variant in _slips(text[start:end]):
                    term = self._nearly.get(variant)
                    if term is not None and len(term.word) == end - start:
                        yield Found(term, start, end, TYPING_ERROR)

    def find_letters(self, units: list[Unit]) -> Iterator[Found]:
        """Terms whose pinyin is nearly what was typed: of all, if it is letters only, and of each
        run of letters that is no pinyin (mahtong)."""
        if units and all(one.typed or one.char.isascii() for one in units if one.sound):
            yield from self._like("".join(one.sound for one in units), 0, len(units))
        if len(units) > 1:
            for i, one in enumerate(units):
                if len(one.char) >= LETTERS_LEAST:
                    yield from self._like(one.char, i, i + 1)

    def _like(self, letters: str, start: int, end: int) -> Iterator[Found]:
        if not LETTERS_LEAST <= len(letters) <= LETTERS_MOST or not letters.isalpha():
            return
        best = process.extractOne(
            letters, self._letters.keys(), scorer=fuzz.ratio, score_cutoff=LETTERS_ALIKE
        )
        if best is not None:
            for term in self._letters[best[0]]:
                yield Found(term, start, end, TYPING_ERROR * best[1] / 100)


def _key(sounds: Iterable[str]) -> str:
    return "".join(f" {one}" for one in sounds)


def _slips(word: str) -> Iterator[str]:
    """What a word and one with a wrong character in it (from 4), or a swapped pair, both give."""
    if len(word) >= 4:
        for i in range(len(word)):
            yield f"{word[:i]}{ANY}{word[i + 1 :]}"
    if len(word) == 3:
        for i in range(len(word) - 1):
            yield f"{word[:i]}{''.join(sorted(word[i : i + 2]))}|{word[i + 2 :]}|{i}"


def _fit(term: Term, units: list[Unit], *, whole: bool) -> float:
    """How sure it is that these units, which sound like the term, mean it; 0 for no.

    Characters that only sound alike mean something else most of the time, so one of them must be
    the word's own, or the word long, or nothing else said.
    """
    if len(term.word) != len(units):
        typed_all = all(one.typed for one in units)
        return SAME_SOUND if typed_all else 0.0
    typed = sum(one.typed for one in units)
    same = sum(one.char == char for one, char in zip(units, term.word, strict=True))
    if typed < len(units) and same + typed == 0 and len(units) < 3 and not whole:
        return 0.0
    strict = all(
        one.sound == sound or one.char == char
        for one, sound, char in zip(units, term.sound, term.word, strict=True)
    )
    return SAME_SOUND if strict else LIKE_SOUND
