"""What the talks about notices share: writing one, letting it go out, looking at its ledger."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.audit import AuditLine
from storage.notices.tables import Notice, NoticeState, Receipt
from tests.conversations.people import Person
from tests.conversations.town import Town

TEXT = "明天上午8点到12点停水。"


async def writes(
    admin: Person, *, text: str = TEXT, whom: str = "的所有住户", ack: str = "要，请大家",
    when: str = "现在就发",
) -> None:  # fmt: skip
    """An admin's way to the last question."""
    await admin.says("发通知")
    await admin.says(text)
    await admin.presses(whom)
    await admin.presses(ack)
    await admin.presses(when)
    if "紧急" in when:
        await admin.presses("是，按紧急的发")
    await admin.hears("要发吗")


async def is_asked_when(admin: Person) -> None:
    """An admin's way to the question when it goes out."""
    await admin.says("发通知")
    await admin.says(TEXT)
    await admin.presses("的所有住户")
    await admin.presses("不用")
    await admin.hears("什么时候发")


async def the_notice(town: Town) -> Notice:
    """The newest notice, as it stands."""

    def job(session: Session) -> Notice:
        found = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
        assert found is not None
        session.expunge(found)
        return found

    return await town.read(job)


async def goes_out(town: Town, state: NoticeState = NoticeState.DONE) -> None:
    """What is due goes out, until the newest notice stands so; then its progress is drawn."""
    for _ in range(40):
        await town.app.broadcast.look()
        await town.settle()
        if (await the_notice(town)).state == state:
            break
    else:
        raise AssertionError("it never came so far")
    await town.look_after(seconds=11)
    await town.app.reports.do_all(town.now())
    await town.settle()


async def ledger(town: Town) -> dict[str, int]:
    """How many receipts stand in each state."""
    states = await town.read(lambda s: list(s.scalars(select(Receipt.state))))
    return dict(Counter(states))


async def audited(town: Town, *actions: str) -> list[tuple[str, str]]:
    """(action, subject) of the audit's lines of these actions."""
    wanted = select(AuditLine.action, AuditLine.subject).where(AuditLine.action.in_(actions))
    rows = await town.read(lambda s: s.execute(wanted.order_by(AuditLine.id)).all())
    return [(row.action, row.subject) for row in rows]
