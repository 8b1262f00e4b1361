"""The machine's clock is set back and forward by an hour while messages go out."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.clock import system_clock
from bot.delivery import Delivery
from bot.steady import Steady
from storage import outbox
from storage.media import MediaFolder
from tests.reliability.office import LONG_AGO, Office


async def test_set_back_or_forward_nothing_waits_and_nothing_goes_twice(office: Office) -> None:
    shift = [timedelta()]

    def clock() -> datetime:
        return system_clock() + shift[0]

    media = MediaFolder(office.folder, office.vault)
    office.delivery = Delivery(office.worker, office.lines, media, clock)
    office.start()
    for number, hours in enumerate((0, -1, 0, 1, 0, -1)):
        shift[0] = timedelta(hours=hours)
        for chat in "12":
            said, now = f"{number}.{chat}", clock()
            await office.worker.run(
                lambda session, chat=chat, said=said, now=now: outbox.queue(
                    session, channel="telegram", chat=chat, payload={"text": said}, now=now
                )
            )
        office.delivery.wake()
        await office.done()
    assert office.line.stands == {
        chat: [f"{number}.{chat}" for number in range(6)] for chat in "12"
    }


def test_a_clock_that_is_set_back_goes_on() -> None:
    wall, seconds = [LONG_AGO], [0.0]
    steady = Steady(lambda: wall[0], lambda: seconds[0])
    assert steady() == LONG_AGO
    wall[0], seconds[0] = LONG_AGO - timedelta(hours=1), 2.0
    assert steady() == LONG_AGO + timedelta(seconds=2)
    seconds[0] = 5.0
    assert steady() == LONG_AGO + timedelta(seconds=5)
    wall[0] = LONG_AGO + timedelta(hours=1)
    assert steady() == LONG_AGO + timedelta(hours=1)
