"""What residents can ask for, and about what: services and kinds, read from `storage/data/`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz

from storage.names import pinyin, simplify
from storage.posts import Role

DATA = Path(__file__).parent / "data"
OTHER = "other"

WORD, SOUND = 1.0, 0.6
"""What one word of a kind counts when it stands in the text, and when only its sound does."""


@dataclass(frozen=True, slots=True)
class Service:
    """One thing to ask for: who receives it first, and who else may when they are not there."""

    key: str
    first: tuple[Role, ...]
    ladder: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a request is about. words: what people say of it; sounds: the same in pinyin."""

    key: str
    label: str
    words: tuple[str, ...]
    sounds: tuple[str, ...]


@cache
def services() -> dict[str, Service]:
    """All services by key."""
    content = tomllib.loads((DATA / "services.toml").read_text("utf-8"))
    return {
        key: Service(
            key, tuple(Role(r) for r in row["first"]), tuple(Role(r) for r in row["ladder"])
        )
        for key, row in content.items()
    }


@cache
def kinds() -> dict[str, Kind]:
    """All kinds by key, in the order they are offered."""
    content = tomllib.loads((DATA / "kinds.toml").read_text("utf-8"))
    return {
        key: Kind(key, row["label"], tuple(row["words"]), tuple(pinyin(w)[0] for w in row["words"]))
        for key, row in content.items()
    }


def likely(text: str, most: int = 3) -> list[Kind]:
    """The kinds that `text` may be about, likeliest first; empty when nothing speaks for any.

    Words count by their length (a longer word says more), by sound when the text is pinyin.
    """
    plain = simplify(text)
    letters = "".join(plain.split()) if plain.isascii() else ""
    points = {kind.key: _points(kind, plain, letters) for kind in kinds().values()}
    best = sorted((k for k in points if points[k] > 0), key=lambda k: -points[k])
    return [kinds()[key] for key in best[:most]]


def _points(kind: Kind, plain: str, letters: str) -> float:
    points: float = sum(WORD * len(word) ** 1.5 for word in kind.words if word in plain)
    if letters:
        heard = (s for s in kind.sounds if len(s) >= 4 and fuzz.partial_ratio(s, letters) >= 92)
        points += sum(SOUND * (len(sound) / 3) ** 1.5 for sound in heard)
    return points
