"""Somebody hostile sends whatever they like, on every channel: nothing breaks, nothing is told.

HOSTILE=10000 sends so many on each channel; `make soak` does.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.channels.base import NotStored
from bot.channels.telegram_base import TelegramBase
from storage.outbox import OutboundMessage
from tests.conversations.conftest import MakeTown
from tests.conversations.county import PHONES
from tests.conversations.people import Person
from tests.conversations.seats import ScriptedSeat, TelegramSeat
from tests.conversations.steps import change, not_understood, taken
from tests.conversations.town import CHANNELS, Town
from tests.conversations.web_seat import WebSeat
from tests.reliability.hostile import Hostile

MANY = int(os.environ.get("HOSTILE", "40"))
SECRET = "只有报修的人和管事的人能看到的话"
AT_ONCE = 25
"""Messages that are on their way at the same time."""


def newest(session: Session) -> int:
    return session.scalar(select(func.max(OutboundMessage.id))) or 0


async def send(town: Town, stranger: Person, hostile: Hostile, number: int, last: int) -> None:
    """One event on the stranger's channel."""
    seat = stranger.seat
    if isinstance(seat, ScriptedSeat):
        words = hostile.words()
        content: dict[str, Any] = {"text": words}
        if hostile.chance.random() < 0.3:
            content = {"pressed": hostile.press(last)}
        elif hostile.chance.random() < 0.1:
            content = {"start": words[:300]}
        await seat.say(**content)
        if hostile.chance.random() < 0.1:  # the same event once more
            await seat.say(again=seat.last)
    elif isinstance(seat, TelegramSeat):
        channel = town.app.channels["telegram"]
        assert isinstance(channel, TelegramBase)
        await channel._take(hostile.update(800_000 + number, seat.user.id, last))
    elif isinstance(seat, WebSeat):
        async with ClientSession() as http:
            body = hostile.fields(number, last)
            async with http.post(f"{seat.page}/messages", json=body) as answer:
                assert answer.status < 500, (body, await answer.text())


@pytest.mark.parametrize("channel", CHANNELS)
async def test_nothing_hostile_breaks_or_is_told(make_town: MakeTown, channel: str) -> None:
    town = await make_town(channel)
    _, _, number = await taken(town)
    await change(town, number, text=SECRET)
    stranger = await town.newcomer("小黑")
    hostile = Hostile(seed=5)
    for start in range(0, MANY, AT_ONCE):
        last = await town.read(newest)
        events = range(start, min(MANY, start + AT_ONCE))
        sent = (send(town, stranger, hostile, event, last) for event in events)
        for outcome in await asyncio.gather(*sent, return_exceptions=True):
            assert outcome is None or isinstance(outcome, NotStored), outcome
        await town.settle()
    assert await town.read(not_understood) == 0
    told = "\n".join(seen.text for seen in stranger.seat.standing.values())
    for secret in (SECRET, *PHONES.values()):
        assert secret not in told
