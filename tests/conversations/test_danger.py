"""Words of danger: whom to call comes first, then it is filed as urgent."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from storage import addresses
from storage.people import Person as Row
from storage.people import set_phone
from storage.posts import Post, Role
from tests.conversations.town import Town

OFFICER, NUMBER = "方警官", "19900000031"


def with_an_officer(session: Session, town: Town) -> None:
    community = addresses.resolve_path(session, "莲花池社区")
    assert community is not None
    officer = Row(name=OFFICER, created_at=town.now())
    session.add(officer)
    session.flush()
    set_phone(session, officer, NUMBER, proven=True)
    session.add(Post(person_id=officer.id, role=Role.COMMUNITY_OFFICER.value, area_id=community.id))


async def test_numbers_first_then_filed_as_urgent(town: Town) -> None:
    await town.write(lambda session: with_an_officer(session, town))
    worker, wang = await town.grid_worker(), await town.resident()
    await wang.says("楼道里煤气味好大")
    await wang.hears("火警 119")
    await wang.hears(f"社区民警{OFFICER} {NUMBER}")
    await wang.hears("先顾人", "不要点火")
    await wang.presses("楼里公共地方")
    await wang.hears("已经当急事报给网格员", "编号 1号")  # nothing more is asked
    await worker.hears("‼️急", "煤气味好大")
    ticket = await town.ticket()
    assert ticket.urgent
    assert ticket.next_at is not None


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("有人在楼下打人", "报警 110"),
        ("我妈摔倒了起不来", "急救 120"),
        ("dianti kun ren le", "火警 119"),
        ("电梯困人了", "火警 119"),
        ("我不想活了", "报警 110"),
    ],
)
async def test_each_danger_has_its_number(scripted_town: Town, words: str, number: str) -> None:
    wang = await scripted_town.resident()
    await wang.says(words)
    await wang.hears(number)


async def test_harmless_words_call_nobody(scripted_town: Town) -> None:
    wang = await scripted_town.resident()
    await wang.says("楼下火锅店油烟太大了，天天上火")
    await wang.hears("听起来是")
    assert "119" not in wang.everything_read


async def test_danger_while_another_matter_is_open_is_a_matter_of_its_own(
    scripted_town: Town,
) -> None:
    """It was asked which matter it is, while it burnt."""
    wang = await scripted_town.resident()
    await wang.says("楼道灯不亮了")
    await wang.presses("路灯照明")
    await wang.presses("楼里公共地方")
    await wang.presses("提交")
    await wang.hears("编号是")
    await wang.says("楼道里着火了")
    await wang.hears("火警 119")
    await wang.hears("出在哪儿")
    await wang.presses("就在我家")
    await wang.hears("编号 2号")
    await wang.says("烟越来越大，快来人")  # and what is said next belongs to it
    await wang.hears("已加到 2号")
    assert (await scripted_town.ticket(2)).urgent
