"""The steps of a mediation that its tests share."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage import areas, posts
from storage.people import Person as Human
from storage.posts import Role
from tests.conversations.people import Person
from tests.conversations.town import Town

WORDS = "楼上天天半夜搬东西，吵得我心脏不好"


async def mediator(town: Town) -> Person:
    """何敏, who mediates for the whole county."""

    def settle(session: Session) -> None:
        county = areas.county(session)
        assert county is not None
        person = Human(name="何敏", created_at=town.now())
        session.add(person)
        session.flush()
        posts.set_post(session, person_id=person.id, role=Role.MEDIATOR, area_id=county.id)

    await town.write(settle)
    return await town.worker("何敏", "调解员")


async def filed(town: Town, filer: Person, *, other: str, words: str = WORDS) -> int:
    """The filing talk."""
    await filer.says("矛盾调解")
    await filer.hears("只有经手的人看得到")
    await filer.says(words)
    await filer.hears("对方是谁")
    await filer.says(other)
    await filer.hears("要办的：矛盾调解", other)
    await filer.presses("提交")
    await filer.hears("编号是")
    await town.settle()
    return (await town.ticket()).id


async def invited(he: Person, *, other: str) -> None:
    """约双方, and who the other side is."""
    await he.presses("约双方")
    await he.hears("对方是谁")
    await he.says(other)


async def set_meeting(he: Person, when: str = "明天下午3点") -> None:
    """What it is about, when and where; both are invited."""
    await he.hears("请帖上写什么事")
    await he.presses("邻里相处的事")
    await he.hears("约在什么时候")
    await he.says(when)
    await he.hears("在哪里谈")
    await he.presses("社区调解室")
    await he.hears("您看对不对", "邻里相处的事")
    await he.presses("发出邀请")


async def kinds(town: Town, number: int) -> list[str]:
    """What happened to a ticket."""
    return [kind for kind, _ in await town.events(number)]
