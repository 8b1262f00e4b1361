"""What ends a talk in words of one's own: 算了 不报了, 改天再说, 已经好了 (`leaving.toml`)."""

from __future__ import annotations

import re
from functools import cache

from storage.meaning.files import table
from storage.names import bare

DROP, LATER, SLIP = "drop", "later", "slip"
"""Not wanted any more; not now; and the wrong button was pressed."""
_PLAIN = ((DROP, "drop"), (LATER, "later"))
_ELSE = (*_PLAIN, (DROP, "drop_else"), (SLIP, "slip"))


@cache
def _pattern(part: str) -> re.Pattern[str]:
    rows = table("meaning/leaving")
    one, around = "|".join(rows[part]), "|".join(rows["around"])
    plainly = "|".join(rows["drop"])
    return re.compile(f"(?:{around}|{plainly})*(?:{one})(?:{around}|{one}|{plainly})*")


def leaves(text: str, *, nothing_else: bool = False) -> str:
    """One of the names above, or empty. nothing_else: the open question cannot take the words for
    an answer, so that 不要了 means the talk."""
    said = bare(text)
    for name, part in _ELSE if nothing_else else _PLAIN:
        if said and _pattern(part).fullmatch(said):
            return name
    return ""
