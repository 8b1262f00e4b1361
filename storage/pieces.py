"""What is left of a text when known words are taken out: whether it says anything more."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from storage.names import bare, pinyin, sounds

BY_SOUND = 3
"""From how many characters on a word is also known by its sound: shorter ones have twins."""
IN_LETTERS = 5
"""From how many letters on a word is known in pinyin: shorter ones stand in others."""
GONE = "\n"
"""Where a word was taken out, so that what stood around it does not make a new one."""


def is_latin(text: str) -> bool:
    """Whether it was typed in Latin letters, as pinyin is."""
    return bool(text) and text.isascii() and not text.isdigit()


def as_compared(text: str) -> str:
    """The form in which texts and words are compared: bare characters, or how pinyin sounds."""
    words = bare(text)
    return sounds(words) if is_latin(words) else words


def rest(text: str, known: Iterable[str]) -> str:
    """`text` without the known words, the longest taken first. In Latin letters words are known by
    how they sound."""
    left = as_compared(text)
    latin = is_latin(left)
    forms = {sounds(pinyin(word)[0]) if latin else bare(word) for word in known}
    for form in sorted(forms - {""}, key=lambda form: (-len(form), form)):
        left = left.replace(form, GONE)
        if not latin and len(form) >= BY_SOUND:
            left = _without_what_sounds_like(left, form)
    return left.replace(GONE, "")


def _without_what_sounds_like(text: str, word: str) -> str:
    said, heard = _syllables(text), _syllables(word)
    for start in range(len(text) - len(word) + 1):
        if said[start : start + len(word)] == heard:
            return text[:start] + GONE + text[start + len(word) :]
    return text


def _syllables(text: str) -> list[str]:
    return [sounds(pinyin(character)[0]) for character in text]


def holds(text: str, word: str) -> bool:
    """Whether a word stands in a text; from three characters on, also what sounds like it."""
    said, latin, heard = _text(text)
    plain, sound, spelt = _word(word)
    if latin:
        return bool(spelt) and spelt in said
    return plain in said or (bool(sound) and sound in heard)


@lru_cache(maxsize=16)
def _text(text: str) -> tuple[str, bool, str]:
    """What a message is compared as, whether in Latin letters, and how it sounds. A few are kept:
    each is asked about hundreds of words."""
    said = as_compared(text)
    return said, is_latin(said), sounds(pinyin(said)[0])


@lru_cache(maxsize=8192)
def _word(word: str) -> tuple[str, str, str]:
    """A word as it is looked for: bare, by its sound, and in pinyin; the last two are empty where
    it is too short for that."""
    plain, spelt = bare(word), pinyin(word)[0]
    by_sound = sounds(pinyin(plain)[0]) if len(plain) >= BY_SOUND else ""
    return plain, by_sound, sounds(spelt) if len(spelt) >= IN_LETTERS else ""
