"""One session for the whole walk; whatever a press does is undone after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

import handlers
from bot.conversation import Engine
from bot.wording import Wording
from storage.database import migrate, open_engine
from storage.vault import Vault
from tests.permissions.county import County, found
from tests.permissions.golden import NOW
from tests.permissions.hand import Hand


@pytest.fixture(scope="module")
def walk(
    tmp_path_factory: pytest.TempPathFactory, vault: Vault
) -> Iterator[tuple[Session, County]]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('walk')}/walk.db", vault)
    migrate(engine)
    with Session(engine) as session:
        made = found(session, NOW)
        yield session, made
        session.rollback()
    engine.dispose()


@pytest.fixture(scope="module")
def hand(walk: tuple[Session, County]) -> Hand:
    wording = Wording("Asia/Shanghai")
    return Hand(*walk, Engine(handlers.load(), wording), wording)
