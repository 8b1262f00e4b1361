"""The ten matters, each over the page and over one Telegram library in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conversations.conftest import MakeTown
from tests.conversations.matters import MATTERS, play

LIBRARIES = ("aiogram", "ptb")


@pytest.mark.parametrize("channel", ["web", "telegram"])
@pytest.mark.parametrize("name", MATTERS)
async def test_from_the_first_word_to_the_last(
    make_town: MakeTown, whole_county: Path, name: str, channel: str
) -> None:
    if channel == "telegram":
        channel = LIBRARIES[list(MATTERS).index(name) % 2]
    await play(await make_town(channel, settled=whole_county), name)
