"""Households with chats, and a notice that goes out to them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.broadcast import Broadcast
from bot.clock import system_clock
from bot.wording import Wording
from storage import areas, media, people
from storage.areas import Household
from storage.base import vault_in
from storage.media import File
from storage.notices import course
from storage.notices.audience import Audience
from storage.notices.tables import Notice, NoticeState, Receipt
from storage.people import Person
from tests.reliability.office import LONG_AGO, Office
from tests.storage.county import Corner, corner

TEXT = "明天上午八点到十二点停水。"


class NoticeStreet:
    """A corner of a county with households, some of which have chats."""

    def __init__(self, office: Office, session: Session) -> None:
        self.office = office
        self.session = session
        session.expire_on_commit = False
        self.corner: Corner = corner(session)
        self.doors = 0
        self.author = self.someone("admin")

    def someone(self, chat: str, *, home: int | None = None) -> Person:
        """A person with a chat."""
        person = people.account(self.session, "telegram", chat, chat, LONG_AGO).person
        person.home_id = home
        self.session.flush()
        return person

    def home(self, *chats: str, groups: tuple[str, ...] = (), building: int = 0) -> int:
        """A household with these chats, the last one used last; its area's id."""
        self.doors += 1
        vault = vault_in(self.session)
        place = self.corner.buildings[building]
        area = areas.household(self.session, vault, place, f"1单元{self.doors:03}")
        self.session.get_one(Household, area.id).groups = list(groups)
        for n, chat in enumerate(chats):
            self.someone(chat, home=area.id)
            account = people.account_in(self.session, "telegram", chat)
            assert account is not None
            account.last_used_at = LONG_AGO.replace(month=n + 2)
        self.session.flush()
        return area.id

    def notice(self, chosen: Audience | None = None, **more: bool) -> int:
        """A notice for everybody of the county, or for whom is chosen; its id."""
        notice = course.write(
            self.session,
            author_id=self.author.id,
            area_id=self.corner.county.id,
            text=TEXT,
            audience=chosen or Audience((self.corner.county.id,)),
            starts_at=LONG_AGO,
            now=system_clock(),
            **more,
        )
        self.session.commit()
        return notice.id

    def broadcast(self, ahead: int = 90) -> Broadcast:
        """What hands it on."""
        office = self.office
        wording = Wording("Asia/Shanghai")
        return Broadcast(
            office.worker, wording, ["telegram"], system_clock, office.delivery.wake, ahead
        )

    async def send(self, notice_id: int, ahead: int = 90) -> Notice:
        """Look until it is over."""
        self.session.commit()  # on SQLite an open transaction keeps every other writer out
        broadcast = self.broadcast(ahead)
        self.office.start()
        for _ in range(200):
            await broadcast.look()
            await self.office.done()
            notice = self.session.get_one(Notice, notice_id, populate_existing=True)
            self.session.commit()
            if notice.state == NoticeState.DONE:
                return notice
        raise AssertionError("the notice never ended")

    def receipts(self) -> list[Receipt]:
        """The ledger."""
        wanted = select(Receipt).order_by(Receipt.id).execution_options(populate_existing=True)
        found = list(self.session.scalars(wanted))
        self.session.commit()
        return found

    def with_photo(self, notice_id: int) -> int:
        """The same notice, with a photo before its words."""
        folder = self.office.delivery.folder
        photo = File("photo", "web", folder.keep(b"\xff\xd8x"), "a.jpg", "image/jpeg", 3)
        self.session.get_one(Notice, notice_id).files = media.remember(self.session, (photo,))
        self.session.commit()
        return notice_id

    def fresh(self, notice_id: int) -> Notice:
        """The notice as it stands in the database."""
        return self.session.get_one(Notice, notice_id, populate_existing=True)

    def correct(self, notice_id: int, text: str) -> None:
        """Other words for it."""
        course.correct(self.session, self.fresh(notice_id), text, self.author.id, system_clock())
        self.session.commit()

    def cancel(self, notice_id: int) -> None:
        """Nothing more of it."""
        course.cancel(self.session, self.fresh(notice_id), system_clock())
        self.session.commit()

    def only(self) -> Receipt:
        """The receipt of the one household that has a chat."""
        (receipt,) = [one for one in self.receipts() if one.chat]
        return receipt


def said(office: Office) -> dict[str, int]:
    """How many messages stand in each chat."""
    return {chat: len(texts) for chat, texts in office.line.stands.items() if texts}
