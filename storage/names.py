"""Words as people write them, brought to one form: characters, pinyin, doors, buildings."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

from opencc import OpenCC
from pypinyin import lazy_pinyin, load_phrases_dict

DATA = Path(__file__).parent / "data"

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百]+")
_DOOR_WORDS = re.compile(r"单元|号楼|号|楼|层|栋|幢|座|门|室|房|户|#")
_DOOR_GAPS = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_DOOR_NUMBER = re.compile(r"^\d{2,4}$|\d\s*(?:单元|号|楼|层|室|房|门|户)")
_TELEPHONE = re.compile(r"\d{7}")
_NO_MEANING = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")
_BUILDING_END = re.compile(r"(栋|幢|号楼|号|楼|座|#)$")


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _load_phrases() -> None:
    phrases = tomllib.loads((DATA / "phrases.toml").read_text("utf-8"))["phrases"]
    add_phrases(phrases)


def add_phrases(phrases: dict[str, str]) -> None:
    """Teach `pinyin` how names are read: ``{"长乐": "chang le"}``, a syllable per character."""
    load_phrases_dict(
        {name: [[syllable] for syllable in reading.split()] for name, reading in phrases.items()}
    )
    pinyin.cache_clear()


def simplified(text: str) -> str:
    """`text` in NFKC, in simplified characters, in lower case, trimmed. Any string will do."""
    text = text.encode("utf-8", errors="replace").decode("utf-8")  # half a surrogate pair
    converted: str = _converter().convert(unicodedata.normalize("NFKC", text))
    return converted.lower().strip()


@lru_cache(maxsize=4096)
def simplify(text: str) -> str:
    """`simplified`, remembered: for names and short answers, which come again and again."""
    return simplified(text)


def bare(text: str) -> str:
    """`simplify`, with spaces and punctuation taken out: what names are compared by."""
    return _NO_MEANING.sub("", simplify(text))


def _one_by_one(text: str) -> list[str]:
    # pypinyin takes lists here, though its annotation knows only text.
    return list(text)


@lru_cache(maxsize=4096)
def pinyin(text: str) -> tuple[str, str]:
    """The full pinyin without tones, and the first letters: 莲花池 → ``lianhuachi``, ``lhc``.

    Letters and digits stay as they are in both.
    """
    _load_phrases()
    syllables = lazy_pinyin(bare(text), errors=_one_by_one)  # type: ignore[arg-type]
    return "".join(syllables), "".join(syllable[:1] for syllable in syllables)


def sounds(full_pinyin: str) -> str:
    """A pinyin with what southern mouths mix up made equal: n/l, zh/z, ch/c, sh/s, -ng/-n, hu/f."""
    for one, other in (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("hu", "f"), ("n", "l")):
        full_pinyin = full_pinyin.replace(one, other)
    return full_pinyin


def _number(numeral: str) -> str:
    """A Chinese numeral below a thousand as digits; digit by digit when it has no tens (三〇二)."""
    if not any(c in "十百" for c in numeral):
        return "".join(str(_DIGITS[c]) for c in numeral)
    total, digit = 0, 0
    for c in numeral:
        if c == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif c == "十":
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = _DIGITS[c]
    return str(total + digit)


def digits(text: str) -> str:
    """`simplify`, with Chinese numerals as digits: 十二栋 → ``12栋``."""
    return _NUMERAL.sub(lambda match: _number(match.group()), simplify(text))


def door_key(text: str) -> str:
    """One form for a door however it is written: 1单元302, 1-302, 一单元302室 → ``1-302``.

    Empty when nothing in `text` could be a door.
    """
    words = digits(text).removesuffix(".0")  # a spreadsheet's 302 arrives as 302.0
    words = _DOOR_GAPS.sub("-", _DOOR_WORDS.sub("-", words))
    parts = [part.lstrip("0") or "0" for part in words.split("-") if part]
    return "-".join(parts)


def is_a_door(text: str, words: Sequence[str]) -> bool:
    """Whether `text` reads like a door: 302, 三单元五楼, or one of the `words` of doors (平房)."""
    plain = digits(text).replace(" ", "")
    if _TELEPHONE.search(plain):
        return False
    written = any(character in "0123456789" for character in simplify(text))
    return written or bool(_DOOR_NUMBER.search(plain)) or any(word in plain for word in words)


def building_key(text: str) -> str:
    """One form for a building's name: 3栋, 三栋, 3号楼, 3# → ``3``; A座 → ``a``."""
    words = _BUILDING_END.sub("", digits(text).removesuffix(".0").replace(" ", ""))
    key = _NO_MEANING.sub("", words)
    return (key.lstrip("0") or key) if key.isdigit() else (key or bare(text))
