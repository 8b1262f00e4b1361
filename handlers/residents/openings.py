"""What there is to ask for beside filing a matter: each begun by a button, or by words."""

from __future__ import annotations

from typing import Any

from handlers.registry import HANDLERS, action
from handlers.talk import Do, Talk


def opening_button(talk: Talk, name: str, story: dict[str, Any] | None = None) -> Do:
    """The button that begins it; with what was said, if anything was."""
    args = {"name": name, **({"story": story} if story else {})}
    return Do("open", args, talk.word(f"opening.{name}"))


@action("open")
def open_up(talk: Talk, name: str, story: dict[str, Any] | None = None) -> None:
    """Begin what `name` is (`HANDLERS.openings`); story: the words that led here."""
    talk.lay_aside()
    HANDLERS.openings[name](talk, story)
