"""What the reliability tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import bot.delivery
import bot.sending
from storage.vault import Vault
from tests.reliability.notice_street import NoticeStreet
from tests.reliability.office import Office


@pytest.fixture
async def office(
    engine: Engine, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    """A delivery that is not started yet, and tries again soon."""
    monkeypatch.setattr(bot.delivery, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(bot.sending, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(bot.sending, "LONGEST_WAIT", 0.05)
    async with Office(engine, vault, tmp_path / "media") as office:
        yield office


@pytest.fixture
def street(office: Office, session: Session) -> NoticeStreet:
    """Households in a corner of a county, and notices to them."""
    return NoticeStreet(office, session)
