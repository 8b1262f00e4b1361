"""Broadcasts by the real program: killed, refused, cut and shut out, and every message accounted
for. `make soak` does the same at length."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from storage.vault import Vault
from tests.reliability.broadcasts import Sent, send_and_kill


def in_order(sent: Sent) -> None:
    """Nobody is left out, and the ledger says of each what the server says."""
    assert sent.missing == 0, sent
    assert sent.disagree == 0, sent
    assert sent.unlisted == 0, sent
    assert sent.too_early == 0, sent


async def test_killed_while_it_sends(
    engine: Engine, database_url: str, vault: Vault, key_file: Path, tmp_path: Path
) -> None:
    once = engine.dialect.name == "postgresql"  # one of each; `make soak` has all four
    sent = await send_and_kill(
        tmp_path, engine, database_url, key_file,
        recipients=300, rate=100, kills=2, once=once, longest=0.8,
    )  # fmt: skip
    in_order(sent)
    if once:
        assert sent.repeated == 0
        assert sent.sent + sent.failed == 300
        assert sent.uncertain >= sent.failed
    else:
        assert sent.sent == 300
        assert sent.repeated <= sent.uncertain


async def test_a_server_in_every_kind_of_trouble(
    engine: Engine, database_url: str, vault: Vault, key_file: Path, tmp_path: Path
) -> None:
    faults = {"busy": 0.01, "broken": 0.03, "cut": 0.03, "blocked": 0.05, "closed": 1}
    sent = await send_and_kill(
        tmp_path, engine, database_url, key_file,
        recipients=150, rate=100, kills=0, faults=faults,
    )  # fmt: skip
    in_order(sent)
    assert sent.sent + sent.blocked == 150
    assert 0 < sent.blocked < 30
