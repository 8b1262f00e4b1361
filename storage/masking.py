"""A resident's words as a neighbour may read them: nothing in them that tells who or which door."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PLAIN = {ord("０") + n: ord("0") + n for n in range(10)} | {
    ord(wide) + n: ord(plain) + n for wide, plain in (("Ａ", "A"), ("ａ", "a")) for n in range(26)
}
"""Full-width digits and letters, so that they are found like the others."""
DATA = Path(__file__).parent / "data" / "masking.toml"


@cache
def _patterns() -> tuple[str, tuple[re.Pattern[str], ...]]:
    content = tomllib.loads(DATA.read_text("utf-8"))
    return content["mask"], tuple(re.compile(pattern) for pattern in content["patterns"])


def without_who(text: str, names: Iterable[str] = ()) -> str:
    """`text` with phone numbers, doors, names and accounts taken out.

    names: what is known besides and must not be read: people's names, the door as it was written.
    """
    mask, patterns = _patterns()
    shown = text.translate(PLAIN)
    for name in sorted(filter(None, names), key=len, reverse=True):
        shown = shown.replace(name.translate(PLAIN), mask)
    for pattern in patterns:
        shown = pattern.sub(mask, shown)
    return re.sub(f"{mask}(?:{mask})+", mask, shown)
