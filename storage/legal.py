"""What people come with to a lawyer: the topics of 法律服务直通车, and which of them words mean."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from storage.names import bare, pinyin
from storage.posts import Role

TOPICS = Path(__file__).parent / "data" / "legal" / "topics.toml"

OTHER = "other"
SHORTEST_PINYIN = 5
"""Letters of a word in pinyin from which on it is looked for inside other letters."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic; the fields are those of storage/data/legal/topics.toml."""

    key: str
    label: str
    words: tuple[str, ...]
    unlike: tuple[str, ...]
    to: tuple[Role, ...]
    calls: tuple[str, ...]
    advice: tuple[str, ...]
    offered: bool
    script: str


@cache
def topics() -> dict[str, Topic]:
    """All topics by key, in the order they are offered."""
    content = tomllib.loads(TOPICS.read_text("utf-8"))
    return {
        key: Topic(
            key=key,
            label=row["label"],
            words=tuple(row["words"]),
            unlike=tuple(row.get("not", ())),
            to=tuple(Role(role) for role in row["to"]),
            calls=tuple(row["calls"]),
            advice=tuple(row["advice"]),
            offered=row.get("offered", False),
            script=row.get("script", ""),
        )
        for key, row in content.items()
    }


def topic_of(text: str) -> Topic | None:
    """The topic that free words speak for most; None when they speak for none.

    Each word that is found counts its length; words in pinyin are found in pinyin. Of equals the
    first in the list.
    """
    plain = bare(text)
    points = {key: _points(topic, plain) for key, topic in topics().items()}
    best = max(points, key=lambda key: points[key])
    return topics()[best] if points[best] else None


def _points(topic: Topic, plain: str) -> int:
    for word in topic.unlike:
        plain = plain.replace(word, " ")
    found = [word for word in topic.words if word in plain]
    if not found and plain.isascii():
        found = [word for word in topic.words if _spelled(word, plain)]
    return sum(map(len, found))


def _spelled(word: str, letters: str) -> bool:
    spelled = pinyin(word)[0]
    return len(spelled) >= SHORTEST_PINYIN and spelled in letters
