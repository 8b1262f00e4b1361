"""Finding the guide, or the frequent question, that somebody's own words mean.

Words of a guide count where they stand in what was said: as written, by their sound (typing errors,
pinyin, mouths that mix n and l), or with one slip. Longer words count more, words that several
guides share count less. Questions are compared by their pairs of characters, rare ones counting
more. What little is sure is said to be sure; what is not is for the caller to ask about.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein
from sqlalchemy.orm import Session

from storage.guides import DATA, Faq, Guide, every_faq, for_home, group_words
from storage.names import bare, pinyin, sounds

EXACT, BY_SOUND, ONE_SLIP = 1.0, 0.8, 0.6
"""What a character of a word counts that was found as written, by its sound, with one slip."""
VAGUE = 0.5
"""What a word counts that by itself names no errand."""
SURE = 1.7
"""Points from which a guide is what was meant: a word of two characters that only it has."""
LEAST = 1.0
"""Points below which nothing was found."""
AHEAD = 0.7
"""The share of the best guide's points above which another is as likely."""
COVERED = 0.34
"""The share of what was said that a sure guide's words must cover."""
SAME_QUESTION, BESIDE_A_GUIDE, LIKE_QUESTION = 0.72, 0.55, 0.42
"""Likeness of a question (0 to 1) that is the same one, that may be although a guide was found, and
that may be where none was."""
A_LITTLE = 3
"""Characters beside a word that names a kind of errands; more of them say something else."""
TOLD = 0.34
"""The share of what was said, rare pairs of characters counting more, that a guide must tell of to
be asked about where none of its words was found."""
MOST, MOST_GUESSES = 4, 2


@dataclass(frozen=True, slots=True)
class Found:
    """What words may mean. guides: likeliest first. faq: a frequent question that they are or are
    like. sure, sure_faq: whether the first guide, and the question, need not be asked about.
    group: the kind of errands that was named, where no guide was."""

    guides: tuple[Guide, ...] = ()
    group: str = ""
    faq: Faq | None = None
    sure: bool = False
    sure_faq: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    sound: str
    weight: float
    guide: int


@dataclass(frozen=True, slots=True)
class _Question:
    pairs: frozenset[str]
    sound: str
    faq: int


@dataclass(frozen=True, slots=True)
class _Hit:
    """length: how many characters of what was said it stands for."""

    length: int
    points: float
    exact: bool


@dataclass(frozen=True, slots=True)
class _Index:
    words: tuple[_Word, ...]
    about: tuple[frozenset[str], ...]
    questions: tuple[_Question, ...]
    rarity: dict[str, float]
    usual: float


@dataclass(frozen=True, slots=True)
class _Rules:
    fillers: tuple[str, ...]
    pinyin_fillers: tuple[str, ...]
    vague: frozenset[str]


@cache
def _rules() -> _Rules:
    content = tomllib.loads((DATA / "search.toml").read_text("utf-8"))
    longest_first = {
        name: tuple(sorted(map(bare, content[name]), key=len, reverse=True))
        for name in ("fillers", "pinyin_fillers")
    }
    vague = frozenset(map(_light, map(bare, content["vague"])))
    return _Rules(**longest_first, vague=vague)


@cache
def _no_light() -> dict[int, None]:
    content = tomllib.loads((DATA / "search.toml").read_text("utf-8"))
    return str.maketrans(dict.fromkeys(content["light"]))


def _light(text: str) -> str:
    """`text` without the little words between others, if anything is left to go by."""
    left = text.translate(_no_light())
    return left if len(left) > 1 else text


def search(session: Session, text: str, home_id: int | None = None, most: int = MOST) -> Found:
    """What `text` may mean, among the guides that hold where the person lives."""
    guides = tuple(for_home(session, home_id))
    faqs = tuple(faq for faq in every_faq(session) if faq.active)
    return find(text, guides, faqs, most)


def find(text: str, guides: tuple[Guide, ...], faqs: tuple[Faq, ...], most: int = MOST) -> Found:
    """The same among these guides and questions."""
    said = bare(text)
    if len(said) < 2:
        return Found()
    index = _index(guides, faqs)
    faq, likeness = _question(said, index)
    hits = _hits(" ".join(_plain(said)), index)
    points = {number: sum(hit.points for hit in some) for number, some in hits.items()}
    found = faqs[faq] if faq is not None else None
    keys = {guide.key: number for number, guide in enumerate(guides)}
    if found is not None and found.guide in keys and likeness >= LIKE_QUESTION:
        number = keys[found.guide]
        points[number] = points.get(number, 0.0) + 2 * likeness
    ranked = sorted(points, key=lambda number: (-points[number], number))
    ranked = [n for n in ranked if points[n] >= max(LEAST, AHEAD * points[ranked[0]])][:most]
    found = found if likeness >= (BESIDE_A_GUIDE if hits else LIKE_QUESTION) else None
    group = "" if ranked or found else _group(said)
    if not (ranked or group):
        ranked = _alike(said, index)
        hits = {}
    return Found(
        guides=tuple(guides[number] for number in ranked),
        group=group,
        faq=found,
        sure=len(ranked) == 1 and _is_sure(hits.get(ranked[0], ()), said),
        sure_faq=likeness >= SAME_QUESTION and not said.isascii(),
    )


def _is_sure(hits: Sequence[_Hit], said: str) -> bool:
    """Whether words as they are written say it, and not beside much else."""
    whole = sum(map(len, _plain(said))) or 1
    written = [hit for hit in hits if hit.exact]
    points = sum(hit.points for hit in written)
    return points >= SURE and sum(hit.length for hit in written) / whole >= COVERED


def _group(said: str) -> str:
    """The kind of errands that the words name, with little beside it."""
    plain = "".join(_plain(said))
    return next(
        (
            group
            for group, words in group_words().items()
            if any(word in plain and len(plain) <= len(word) + A_LITTLE for word in words)
        ),
        "",
    )


def _plain(said: str) -> list[str]:
    """What is left of what was said without what people put around it, piece by piece."""
    fillers = _rules().pinyin_fillers if said.isascii() else _rules().fillers
    for filler in fillers:
        said = said.replace(filler, " ")
    return _light(said).split()


def _bones(word: str) -> str:
    """A word of a guide, as it is left where it stands in what somebody said."""
    left = "".join(_plain(word))
    return left if len(left) > 1 else word


@lru_cache(maxsize=8)
def _index(guides: tuple[Guide, ...], faqs: tuple[Faq, ...]) -> _Index:
    """Everything that is compared, made ready once for the same guides and questions."""
    named = [
        {_bones(bare(word)) for word in (*_names(guide.title), *guide.words)} for guide in guides
    ]
    shared = Counter(word for words in named for word in words)
    vague = _rules().vague
    words = tuple(
        _Word(
            word, _sound(word), (VAGUE if word in vague else 1.0) / math.sqrt(shared[word]), number
        )
        for number, mine in enumerate(named)
        for word in sorted(mine, key=lambda one: (-len(one), one))
        if len(word) > 1
    )
    asked = [
        (number, _light(bare(one)))
        for number, f in enumerate(faqs)
        for one in (f.question, *f.words)
    ]
    questions = tuple(
        _Question(_pairs(one), _sound("".join(_plain(one))), number) for number, one in asked
    )
    about = tuple(_about(guide, faqs) for guide in guides)
    common = Counter(pair for question in questions for pair in question.pairs)
    common.update(pair for pairs in about for pair in pairs)
    texts = len(questions) + len(about) + 2
    rarity = {pair: math.log(texts / (count + 0.5)) for pair, count in common.items()}
    return _Index(words, about, questions, rarity, math.log(texts))


def _about(guide: Guide, faqs: tuple[Faq, ...]) -> frozenset[str]:
    """The pairs of characters of everything that tells what a guide is about."""
    texts = [guide.title, guide.what, guide.who, *guide.words]
    for faq in faqs:
        if faq.guide == guide.key:
            texts += [faq.question, *faq.words]
    return frozenset(pair for text in texts for pair in _pairs(_light(bare(text))))


def _alike(said: str, index: _Index) -> list[int]:
    """The guides that tell of much of what was said, likeliest first; none for words that are
    mostly of something else."""
    mine = frozenset(pair for piece in _plain(said) for pair in _pairs(piece))
    whole = sum(index.rarity.get(pair, index.usual) for pair in mine)
    if said.isascii() or len(mine) < 3:
        return []
    told = [sum(index.rarity[pair] for pair in mine & about) / whole for about in index.about]
    ranked = sorted(range(len(told)), key=lambda number: (-told[number], number))
    best = [n for n in ranked if told[n] >= max(TOLD, AHEAD * told[ranked[0]])]
    return best[:MOST_GUESSES] if len(best) <= MOST else []


def _names(title: str) -> list[str]:
    """A title, and without what stands in brackets."""
    return [title, title.split("\N{FULLWIDTH LEFT PARENTHESIS}")[0]]


def _sound(text: str) -> str:
    return sounds(pinyin(text)[0])


def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def _hits(said: str, index: _Index) -> dict[int, list[_Hit]]:
    """What the words of each guide found; no character counts twice for one guide.

    The words of a guide stand longest first in the index.
    """
    found: dict[int, list[_Hit]] = {}
    left: dict[int, str] = {}
    for word in index.words:
        rest = left.get(word.guide, said)
        if word.text in rest:
            left[word.guide] = rest.replace(word.text, " ", 1)
            found.setdefault(word.guide, []).append(_hit(word, EXACT))
    sound = _Sounds(said)
    for word in index.words:
        known = sum(hit.points for hit in found.get(word.guide, ()))
        if _hit(word, BY_SOUND).points <= known:
            continue
        if sound.has(word):
            found[word.guide] = [_hit(word, BY_SOUND)]
        elif _hit(word, ONE_SLIP).points > known and _one_slip(word.text, said):
            found[word.guide] = [_hit(word, ONE_SLIP)]
    return found


def _hit(word: _Word, share: float) -> _Hit:
    length = len(word.text)
    return _Hit(length, length * share * word.weight, exact=share == EXACT)


class _Sounds:
    """What was said, by its sound: a word is found only from one syllable's start to another's end;
    in letters there are no syllables, and a word must be long enough to be no chance."""

    LONG = 5

    def __init__(self, said: str) -> None:
        self.letters = said.isascii()
        self.sound = sounds(said.replace(" ", "")) if self.letters else ""
        self.syllables = [] if self.letters else [_sound(one) for one in said if one != " "]

    def has(self, word: _Word) -> bool:
        """Whether the word is heard in it."""
        if self.letters:
            return len(word.sound) >= self.LONG and self._in_letters(word)
        if len(word.text) < 2 or word.text.isascii():
            return False
        size = len(word.text)
        return any(
            "".join(self.syllables[i : i + size]) == word.sound
            for i in range(len(self.syllables) - size + 1)
        )

    def _in_letters(self, word: _Word) -> bool:
        if word.sound in self.sound:
            return True
        return (
            len(word.sound) >= 2 * self.LONG
            and len(self.sound) >= len(word.sound) - 1
            and fuzz.partial_ratio(word.sound, self.sound) >= 91
        )


def _one_slip(word: str, said: str) -> bool:
    """Whether a word of four or more characters stands there with one that is wrong or missing."""
    size = len(word)
    if size < 4 or said.isascii():
        return False
    starts = range(max(1, len(said) - size + 2))
    windows: Iterable[str] = (said[i : i + n] for i in starts for n in (size, size - 1))
    return any(
        len(window) >= size - 1 and DamerauLevenshtein.distance(word, window, score_cutoff=1) <= 1
        for window in windows
    )


def _question(said: str, index: _Index) -> tuple[int | None, float]:
    """The frequent question that is most like what was said, and how like (0 to 1)."""
    if said.isascii():
        return _question_by_sound(said, index)
    mine = _pairs(_light(said))
    best: tuple[int | None, float] = (None, 0.0)
    weight = sum(index.rarity.get(pair, index.usual) for pair in mine)
    for question in index.questions:
        theirs = question.pairs
        both = sum(index.rarity[pair] for pair in mine & theirs)
        whole = weight + sum(index.rarity[pair] for pair in theirs)
        likeness = 2 * both / whole if whole else 0.0
        if likeness > best[1]:
            best = (question.faq, likeness)
    return best


def _question_by_sound(said: str, index: _Index) -> tuple[int | None, float]:
    heard = sounds("".join(_plain(said)))
    ranked = [(fuzz.ratio(heard, one.sound) / 100, one.faq) for one in index.questions]
    likeness, faq = max(ranked, default=(0.0, -1))
    # Half of all letters agree by chance: count only what is beyond that.
    return (faq, max(0.0, 2 * likeness - 1)) if faq >= 0 else (None, 0.0)
