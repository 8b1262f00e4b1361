"""What the tests of the commands share."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bot.wording import TEMPLATES, Wording

_ours = cache(Wording)


@pytest.fixture(autouse=True)
def _compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` compiles every template: ours, which do not change, once for all tests."""

    def wording(time_zone: str, folder: Path = TEMPLATES) -> Wording:
        return _ours(time_zone) if folder == TEMPLATES else Wording(time_zone, folder)

    for command in ("check", "notice", "invite", "audit", "understand", "classify", "house"):
        monkeypatch.setattr(f"bot.commands.{command}.Wording", wording)
    monkeypatch.setattr("bot.app.Wording", wording)
