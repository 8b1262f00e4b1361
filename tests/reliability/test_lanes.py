"""Who goes next is chosen when a slot begins."""

from __future__ import annotations

from bot.clock import system_clock
from bot.delivery import Delivery
from bot.lanes import Lane
from bot.messages import Address, Outgoing
from bot.pacing import Limits, Pace
from bot.parcels import Parcel
from storage.media import MediaFolder
from storage.notices.handing import BROADCAST
from tests.reliability.office import Office


def parcel(ref: int, priority: int) -> Parcel:
    broadcast = priority == BROADCAST
    address = Address("telegram", f"{ref}")
    return Parcel(ref, address, Outgoing(ref, ""), None, 1, broadcast=broadcast, priority=priority)


async def test_an_answer_overtakes_what_was_taken_before_it() -> None:
    lane, left = Lane(Pace(Limits(overall=1000.0))), list[int]()
    for ref, priority in ((1, BROADCAST), (2, BROADCAST), (3, 0), (4, 3), (5, 0)):
        lane.put(parcel(ref, priority))
    assert (len(lane), lane.urgent) == (5, 3)
    await lane.drain(lambda _: False, lambda one, slot: left.append(one.ref))
    assert left == [3, 5, 4, 1, 2]
    assert (len(lane), lane.urgent) == (0, 0)


async def test_a_lane_that_is_shut_gives_everything_away_without_a_slot() -> None:
    lane, slots = Lane(Pace(Limits(overall=0.001))), list[object]()
    for ref in range(3):
        lane.put(parcel(ref, 0))
    await lane.drain(lambda _: True, lambda _, slot: slots.append(slot))
    assert slots == [None] * 3


async def test_an_answer_goes_before_the_rest_of_a_notice(office: Office) -> None:
    media = MediaFolder(office.folder, office.vault)
    limits = {"telegram": Limits(overall=10.0)}
    office.delivery = Delivery(office.worker, office.lines, media, system_clock, limits)
    for chat in range(8):
        office.queue("notice", chat=f"{chat}", priority=BROADCAST)
    office.start()
    await office.until(lambda: bool(office.line.tried))
    office.queue("answer", chat="9")
    await office.done()
    assert office.line.tried.index("answer") < 7
    assert len(office.line.tried) == 9


async def test_an_answer_is_taken_though_the_next_slot_is_not_near() -> None:
    """Else others have that slot by the time somebody looks for the answer again."""
    lane = Lane(Pace(Limits(overall=30.0)))
    lane.pace.hold_back(0.15)
    assert lane.room(0.0) == (0, 1)
    lane.put(parcel(1, 0))
    assert lane.room(0.0)[1] == 0
    lane.pace.hold_back(5.0)
    assert Lane(lane.pace).room(0.0) == (0, 0)
