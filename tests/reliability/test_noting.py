"""What arrived is noted many at a time, each with about the moment at which it did."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

from bot.messages import Address, Outgoing
from bot.noting import Notes
from bot.parcels import Outcome, Parcel
from storage.notices.handing import BROADCAST
from storage.outbox import OutState
from tests.reliability.office import LONG_AGO, Office


async def note(notes: Notes, ref: int, minute: int) -> None:
    parcel = Parcel(ref, Address("telegram", f"{ref}"), Outgoing(ref, ""), None, 1, broadcast=True)
    arrived = Outcome(ref, OutState.SENT, (f"{ref}",))
    await notes.write(parcel, arrived, LONG_AGO + timedelta(minutes=minute))


async def test_a_long_row_of_notes_does_not_keep_the_moment_of_its_first(office: Office) -> None:
    refs = [office.queue("notice", chat=f"{n}", priority=BROADCAST) for n in range(3)]
    held, notes = threading.Event(), Notes(office.worker)
    busy = asyncio.create_task(
        office.worker.run(lambda _: held.wait(10), key="outbox", together=True)
    )
    waiting = [asyncio.create_task(note(notes, refs[0], 0))]
    await asyncio.sleep(0)  # its job waits behind the busy one
    waiting += [asyncio.create_task(note(notes, ref, 5)) for ref in refs[1:]]
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(busy, *waiting)
    moments = [row.sent_at for row in office.rows()]
    assert moments == [LONG_AGO + timedelta(minutes=minute) for minute in (0, 5, 5)]
