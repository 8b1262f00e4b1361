"""Steps that many talks begin with."""

from __future__ import annotations

from tests.conversations.people import Person
from tests.conversations.town import Town


async def file_request(
    town: Town, who: Person, words: str = "楼道灯不亮了", kind: str = "路灯照明"
) -> int:
    """Say what is wrong at home, up to the ticket's number."""
    await who.says(words)
    await town.settle()
    await who.seat.catch_up()
    if any("是一件新的事" in label for label in who.seat.log[-1].labels):
        await who.presses("是一件新的事")  # with something open already, it asks
    await who.presses(kind)
    await who.presses("就在我家")
    await town.settle()
    await who.seat.catch_up()
    if any("不是同一件" in label for label in who.seat.log[-1].labels):
        await who.presses("不是同一件")  # a neighbour told the like before
    await who.hears("您看对不对", words)
    await who.presses("提交")
    await who.hears("编号是")
    await town.settle()
    return (await town.ticket()).id
