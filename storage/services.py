"""The kinds of matters that words may be about."""

from __future__ import annotations

from storage.meaning import OTHER, Kind, classify, kinds

__all__ = ["OTHER", "Kind", "kinds", "likely"]


def likely(text: str, most: int = 3) -> list[Kind]:
    """The kinds that `text` may be about, likeliest first; empty when nothing speaks for any."""
    guesses = classify(text).alternatives
    return [kinds()[key] for key, _ in guesses[:most]]
