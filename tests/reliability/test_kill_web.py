"""The page while the program dies: a post is repeated until it is taken, and counts once."""

from __future__ import annotations

import asyncio
import random
import re
import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout
from sqlalchemy.orm import Session

from storage.database import open_engine
from storage.vault import Vault
from tests.reliability.account import check_inbox, check_nothing_waits, check_tickets
from tests.reliability.program import Program, keep_killing
from tests.reliability.street import Ledger, settle

Json = dict[str, Any]


class Page:
    """One resident's page: posts, and reads the history for what is new."""

    def __init__(self, http: ClientSession, chat: str, name: str) -> None:
        self._http = http
        self._chat = chat
        self._name = name
        self._seen = 0
        self.posted: list[str] = []
        self.repeated = 0

    async def says(self, **content: str) -> None:
        """Post a message, again and again until it is taken; now and then once more for luck."""
        post = {"id": f"{self._name}-{len(self.posted)}", **content}
        self.posted.append(post["id"])
        sure = 1 + len(self.posted) % 2
        while sure:
            answer = await self._call("POST", "/messages", json=post)
            sure -= answer is not None
            self.repeated += 1
        self.repeated -= 1

    async def history(self) -> list[Json]:
        """What stands in the chat; waits for the program."""
        while (answer := await self._call("GET", "/history")) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        found: list[Json] = answer["messages"]
        return found

    async def hears(self, *wanted: str) -> Json:
        """The next message that contains any of the words."""
        async with asyncio.timeout(90):
            while True:
                for message in await self.history():
                    ref = message["ref"] or 0
                    if ref > self._seen and any(one in message["text"] for one in wanted):
                        self._seen = ref
                        return message
                await asyncio.sleep(0.05)

    async def presses(self, message: Json, index: int = 0) -> None:
        """Press one of a message's buttons, the first if nothing else is said."""
        await self.says(pressed=message["choices"][index]["press"])

    async def _call(self, method: str, path: str, **more: Any) -> Json | None:
        try:
            async with self._http.request(method, self._chat + path, **more) as answer:
                if answer.status == 200:
                    found: Json = await answer.json()
                    return found
                assert answer.status == 503, answer.status
        except (ClientError, TimeoutError):
            await asyncio.sleep(0.05)
        return None


async def files(page: Page, ledger: Ledger, words: str) -> None:
    """One conversation, from 报修 to the number."""
    await page.says(text="报修")
    await page.hears("您有什么事")
    await page.says(text=words)
    await page.presses(await page.hears("这一类"))
    await page.presses(await page.hears("出在哪儿"))
    same, opened = "是不是同一件", "提交好了"
    heard = await page.hears("您看对不对", same)
    while opened not in heard["text"]:  # a neighbour may file the like at the same moment
        await page.presses(heard, int(same in heard["text"]))
        heard = await page.hears("您看对不对", same, opened)
    number = re.search(r"编号是 (\d+)号", heard["text"])
    assert number
    ledger.filed[words] = int(number[1])


@pytest.mark.parametrize("database", ["sqlite_url", "durable_postgres_url"])
async def test_every_post_counts_once(
    database: str,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
    tmp_path: Path,
    key_file: Path,
    vault: Vault,
) -> None:
    url = request.getfixturevalue(database)
    engine = open_engine(url, vault)
    street, ledger = settle(engine, 4, web=True, telegram=False), Ledger()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Program(tmp_path, engine, url, key_file, WEB_PORT=str(port))
    chance = random.Random(7)
    async with ClientSession(timeout=ClientTimeout(total=5)) as http:
        root = f"http://127.0.0.1:{port}/c/"
        pages = [Page(http, root + token, f"p{n}") for n, token in enumerate(street.tokens)]

        def enough() -> bool:
            return program.kills >= 2

        async def live(page: Page, name: int) -> None:
            await files(page, ledger, f"楼道灯不亮，{name}家的第1件事")
            while not enough():
                await page.history()  # the program is up: what follows meets the next kill
                await files(page, ledger, f"楼道灯不亮，{name}家的第{len(page.posted)}件事")

        try:
            await asyncio.gather(
                *(live(page, n) for n, page in enumerate(pages)),
                keep_killing(program, chance, enough, pages[0].history),
            )
            for page in pages:
                lines = await page.history()
                said = [line["client"] for line in lines if line["from"] == "me"]
                told = Counter(line["ref"] for line in lines if line["from"] == "bot")
                assert said == page.posted
                assert set(told.values()) == {1}
                texts = [t for line in lines if "编号是" in (t := line["text"])]
                assert len(texts) == len(set(texts)) == len(page.posted) // 5
            await program.stop()
        except BaseException:
            print(program.told())
            raise
        finally:
            await program.abandon()
    posts = sum(len(page.posted) for page in pages)
    with Session(engine) as session:
        check_inbox(session, posts)
        count = check_tickets(session, ledger)
        sent = check_nothing_waits(session)
    engine.dispose()
    figures = (
        f"web, {engine.dialect.name}: {program.kills} kills, {posts} posts"
        f" (+{sum(page.repeated for page in pages)} repeated), {count} tickets, {sent} replies"
    )
    record_property("figures", figures)
    print(figures)
    assert count >= 4
