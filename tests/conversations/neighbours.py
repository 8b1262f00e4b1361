"""Homes of one building that meet the same thing: steps of the talks about 我也遇到."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage import addresses, areas
from storage.people import Person as Human
from tests.conversations import county
from tests.conversations.people import Person
from tests.conversations.steps import at
from tests.conversations.town import Town

LAMP = "3栋楼道灯不亮了，我姓王，电话19912345678，住1单元302"


async def neighbour(town: Town, name: str, door: str) -> Person:
    """One more home of 3栋, with a chat."""

    def job(session: Session) -> None:
        building = addresses.resolve_path(session, "莲花池社区/莲花池花园/3栋")
        assert building is not None
        home = areas.household(session, town.app.vault, building, door)
        person = Human(name=name, created_at=town.now(), home_id=home.id)
        person.consented_at = town.now()
        session.add(person)

    await town.write(job)
    return await town.resident(name)


async def tells(who: Person, words: str = "3栋楼道的灯坏了，楼道灯不亮") -> None:
    """Say the same as a neighbour, up to the question whether it is the same."""
    await who.says(words)
    await who.presses("路灯照明")
    await who.presses("楼里公共地方")


async def joins(town: Town, who: Person) -> int:
    await tells(who)
    await who.hears("是不是同一件")
    await who.presses("我也遇到")
    await who.hears("一起办，您的编号是")
    await town.settle()
    return (await town.ticket()).id


async def files(town: Town, who: Person, words: str = LAMP) -> int:
    await tells(who, words)
    await who.presses("提交")
    await who.hears("编号是")
    await town.settle()
    return (await town.ticket()).id


async def three(town: Town) -> tuple[Person, list[Person], list[int]]:
    """Three homes, one lamp; nobody has claimed it yet."""
    at(town, 10, days=1)
    worker, wang = await town.grid_worker(), await town.resident()
    zhao = await town.resident(county.NEIGHBOUR)
    qian = await neighbour(town, "钱小妹", "2单元101")
    numbers = [await files(town, wang)]
    for one in (zhao, qian):
        numbers.append(await joins(town, one))
    return worker, [wang, zhao, qian], numbers


async def status(town: Town, *numbers: int) -> list[str]:
    return [(await town.ticket(number)).status for number in numbers]
