"""Words of one's own that end a talk, or take a step back in it: 莫报了, 改天再说, 按错了."""

from __future__ import annotations

from bot.turn import Turn
from storage.meaning.leaving import DROP, LATER, SLIP, leaves

COMMANDS = {DROP: "cancel", LATER: "menu", SLIP: "back"}
"""The words that work at any point whose work they do; the menu lays the talk aside."""


def way_out(turn: Turn, *, missed: bool = False) -> str:
    """The command that the words come to; empty for none. missed: they answered nothing."""
    said = turn.said
    if said.media or said.location or not said.text:
        return ""
    way = leaves(said.text, nothing_else=missed)
    if way == LATER and not (turn.answers or turn.draft):
        way = DROP  # nothing to keep
    if way == SLIP and len(turn.answers) < 2:
        return ""  # nothing was pressed: what was told stays told
    return COMMANDS.get(way, "")
