"""For how long the oldest message has waited, whatever put it off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage import gauges, outbox
from storage.outbox import NIGHT, OutState
from tests.reliability.office import Office

NOW = datetime(2026, 3, 3, 8, tzinfo=UTC)


@pytest.fixture
def queued(office: Office) -> Office:
    """One that could have gone a hundred seconds ago, and one that waits for its morning."""
    with Session(office.engine) as session, session.begin():
        for chat, night in (("1", None), ("2", NOW + timedelta(hours=1))):
            outbox.queue(
                session, channel="telegram", chat=chat, payload={"text": "x"}, not_before=night,
                now=NOW - timedelta(seconds=100), priority=NIGHT if night else 0,
            )  # fmt: skip
    return office


def oldest(office: Office, at: datetime) -> float:
    with Session(office.engine) as session:
        return gauges.read(session, at).oldest.get("telegram", 0.0)


def put_off(office: Office, at: datetime, seconds: float, way: str) -> None:
    """Claimed at that moment, and refused or failed."""
    later = at + timedelta(seconds=seconds)
    with Session(office.engine) as session, session.begin():
        for ref in outbox.claim(session, at, channels=["telegram"], most=5):
            if way == "put back":
                outbox.put_back(session, ref, later)
            else:
                outbox.settle(
                    session, ref, state=OutState.QUEUED, now=at, not_before=later,
                    counts=way == "failed",
                )  # fmt: skip


@pytest.mark.parametrize("way", ["put back", "refused", "failed"])
async def test_what_is_put_off_again_and_again_grows_old(queued: Office, way: str) -> None:
    """It was out of sight while it waited, and then began to count from nought."""
    assert oldest(queued, NOW) == 100
    for turn in range(3):
        put_off(queued, NOW + timedelta(seconds=60 * turn), 60, way)
        assert oldest(queued, NOW + timedelta(seconds=60 * turn + 30)) == 130 + 60 * turn


async def test_what_waited_for_its_morning_counts_from_the_morning(queued: Office) -> None:
    """One fault, and it looked as old as the evening."""
    morning = NOW + timedelta(hours=1)
    with Session(queued.engine) as session, session.begin():
        outbox.settle(session, 1, state=OutState.SENT, now=NOW)
    assert oldest(queued, morning - timedelta(seconds=1)) == 0
    put_off(queued, morning, 60, "failed")
    assert oldest(queued, morning + timedelta(seconds=30)) == 30
