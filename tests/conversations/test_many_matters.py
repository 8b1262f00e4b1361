"""Many matters in one chat: what is said goes to the right one, or is asked about."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.office import Office
from handlers import course
from storage import rules, tickets
from storage.areas import Area
from storage.posts import Role, Serving
from tests.conversations import county
from tests.conversations.filing import file_request
from tests.conversations.people import Person
from tests.conversations.town import Town


async def matters(town: Town, filer: Person, owner: Person, texts: list[str]) -> list[int]:
    """Open tickets of one resident that one worker has in hand, as after weeks of work."""

    def job(session: Session) -> list[int]:
        request = rules.current(session)["request"]
        desk = Office(session, town.now() - timedelta(minutes=50), town.app.wording)
        home = session.scalars(select(Area.id).where(Area.name == "莲花池花园")).one()
        made = []
        for text in texts:
            ticket = tickets.open_ticket(
                session, service=request, kind="lighting", text=text, media=[], place="",
                location=None, filer_id=filer.id or 0, area_id=home, urgent=False,
                now=desk.now,
            )  # fmt: skip
            mine = Serving(owner.id or 0, Role.GRID_WORKER, home, 0, None)
            course.hand_to(desk, ticket, mine, "offered")
            course.claim(desk, ticket, owner.id or 0, Role.GRID_WORKER, ticket.version)
            made.append(ticket.id)
        return made

    return await town.write(job)


async def test_buttons_tell_the_matters_apart(detail_town: Town) -> None:
    town = detail_town
    li = await town.grid_worker()
    wang = await town.resident()
    first = await file_request(town, wang, "三楼楼道灯不亮了")
    second = await file_request(town, wang, "地下车库的路灯坏了三盏")
    third = await file_request(town, wang, "下水道堵了", "下水道堵了")
    await wang.says("已经第三天了，麻烦快一点")
    which = await wang.hears("是哪一件事")
    assert [label.partition(" ")[2] for label in which.labels] == [
        f"补充 {third}号 下水道堵了",
        f"补充 {second}号 路灯照明：地下车库的路灯坏了三…",
        f"补充 {first}号 路灯照明：三楼楼道灯不亮了",
        "是一件新的事",
    ]
    await wang.presses(f"补充 {second}号")
    await wang.hears(f"已加到 {second}号")
    await li.hears(f"{second}号", "已经第三天了")


async def test_the_kind_that_is_named_comes_first(scripted_town: Town) -> None:
    town = scripted_town
    wang = await town.resident()
    lamp = await file_request(town, wang)
    await file_request(town, wang, "下水道堵了", "下水道堵了")
    await wang.says("那个路灯还是没有人来看")
    which = await wang.hears("是哪一件事")
    assert f"补充 {lamp}号" in which.labels[0]


async def test_a_worker_with_hundreds(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    wang = await town.resident()
    zhao = await town.resident(county.NEIGHBOUR)
    numbers = await matters(town, wang, li, [f"第{n}盏灯坏了" for n in range(150)])
    other = await matters(town, zhao, li, ["楼顶漏水"])
    await li.says("明天上午来看一下")
    which = await li.hears("是哪一件事", f"“{other[0]}号 ……”")
    assert len(which.labels) == 8
    assert "赵大山" in which.labels[0]
    await li.says("更多")
    page = await li.hears("是哪一件事")
    seen = [label for label in (*which.labels, *page.labels) if "回复" in label]
    assert len({label.partition(" ")[2] for label in seen}) == 12
    await li.presses(f"回复 {numbers[-8]}号", on=page)
    await wang.hears("明天上午来看一下", f"{numbers[-8]}号")
    await li.says(f"{numbers[3]}号 后天下午来看一下")
    await wang.hears("后天下午来看一下", f"{numbers[3]}号")
    await li.says(f"#{numbers[5]} 下周一来")
    await wang.hears("下周一来", f"{numbers[5]}号")
    await li.says(f"{numbers[7]}号那个我晚上去看")
    likeliest = await li.hears("是哪一件事")
    assert f"{numbers[7]}号" in likeliest.labels[0]


async def test_a_number_in_front_of_a_residents_words(scripted_town: Town) -> None:
    town = scripted_town
    li = await town.grid_worker()
    wang = await town.resident()
    first = await file_request(town, wang)
    second = await file_request(town, wang, "下水道堵了", "下水道堵了")
    await wang.says(f"{first}号，还是不亮")
    await wang.hears(f"已加到 {first}号")
    await li.hears(f"{first}号", "还是不亮")
    await wang.presses("不是说这件")  # it may have been a date
    await wang.hears("听起来是")
    await wang.says(f"#{second} 味道很大")  # in the middle of something else
    await wang.hears(f"已加到 {second}号")
    await wang.hears("听起来是")


async def test_a_building_or_a_date_is_no_ticket(scripted_town: Town) -> None:
    town = scripted_town
    wang = await town.resident()
    number = await file_request(town, wang)
    for words in (f"{number}号楼的电梯也坏了", f"{number}号早上开始停水"):
        await wang.says(words)
        await wang.hears("是哪一件事")
    assert [kind for kind, _ in await town.events(number) if kind == "supplemented"] == []


async def test_somebody_elses_number_opens_nothing(scripted_town: Town) -> None:
    town = scripted_town
    wang = await town.resident()
    zhao = await town.resident(county.NEIGHBOUR)
    hers = await file_request(town, wang)
    await file_request(town, zhao)
    for words in (f"#{hers} 我家也不亮", f"{hers}号 我家也不亮", "#999 我家也不亮"):
        await zhao.says(words)
        await zhao.hears("是哪一件事")
    assert [kind for kind, _ in await town.events(hers) if kind == "supplemented"] == []


async def test_a_reply_goes_to_its_own_matter(detail_town: Town) -> None:
    town = detail_town
    li = await town.grid_worker()
    wang = await town.resident()
    first = await file_request(town, wang)
    second = await file_request(town, wang, "下水道堵了", "下水道堵了")
    await wang.replies_to(f"编号是 {first}号", "是三楼的那盏")
    await wang.hears(f"已加到 {first}号")
    await li.replies_to(f"【{second}号】", "下午来通")
    await wang.hears("下午来通", f"{second}号")
    await li.replies_to("是三楼的那盏", "知道了")
    await wang.hears("知道了", f"{first}号")
    await wang.replies_to("下午来通", "我家下午有人")
    await li.hears("我家下午有人", f"{second}号")
    assert [text for _, text in await town.events(first) if text][1:] == ["是三楼的那盏", "知道了"]
    assert [text for _, text in await town.events(second) if text][1:] == [
        "下午来通",
        "我家下午有人",
    ]
