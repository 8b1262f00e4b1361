"""Text from people, made safe to keep and to show, with nothing a person meant taken away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_INVISIBLE = re.compile(
    # C0 and C1 controls but tab and newline; the marks that turn the direction of what follows
    # (they can make a number or a name read as another); zero-width and interlinear marks; BOM.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """`text` without control characters, direction overrides and broken surrogates.

    Line ends become a newline; everything visible stays, emoji with their joiners too.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _LONE_SURROGATE.sub("\ufffd", _INVISIBLE.sub("", text))


def joined(parts: Iterable[str]) -> str:
    """What was said in several messages, one line or more for each."""
    return "\n".join(part for part in parts if part)


def with_part(text: str, parts: Mapping[str, str], key: str, new: str) -> str:
    """`text` with one of the parts it was put together from replaced by `new`.

    Where `text` is more than its parts (a summary, an answer cut short), the old words are
    replaced where they stand; where they do not stand, the new ones are put behind.
    """
    old = parts.get(key, "")
    if text == joined(parts.values()):
        return joined({**parts, key: new}.values())
    return text.replace(old, new, 1) if old and old in text else joined([text, new])
