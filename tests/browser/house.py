"""A house to knock at: the page over a real database, with a small bot that stands behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, FormData
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.channels.base import NotStored
from bot.channels.web.channel import WebChannel
from bot.messages import Address, Choice, File, Incoming, Location, Outgoing
from storage.inbox import InboundMessage
from storage.links import CastMember, demo_cast, personal_link
from storage.media import MediaFolder, files, remember
from storage.outbox import OutboundMessage
from storage.people import Account, Person
from storage.vault import Vault
from storage.worker import StorageWorker

Json = dict[str, Any]
Answer = Callable[["House", Incoming], Awaitable[None]]


async def no_answer(house: House, incoming: Incoming) -> None:
    """A bot that only listens."""


def button(label: str) -> Json:
    """A choice as the outbox keeps it."""
    return {"label": label, "do": "x", "args": {}}


@dataclass
class House:
    """The page, opened; `receive` keeps what comes in and lets `answer` reply."""

    engine: Engine
    vault: Vault
    folder: Path
    now: datetime
    demo: bool = False
    answer: Answer = no_answer
    broken: bool = False
    fault: type[Exception] = NotStored
    got: list[Incoming] = field(default_factory=list)
    channel: WebChannel = field(init=False)
    worker: StorageWorker = field(init=False)
    options: Json = field(default_factory=dict)

    async def __aenter__(self) -> House:
        self.worker = StorageWorker(self.engine)
        self.media = MediaFolder(self.folder, self.vault)
        self.channel = await self.opened(0)
        return self

    async def opened(self, port: int) -> WebChannel:
        """A page's server over this database, listening on `port`."""
        channel = WebChannel(
            self.worker,
            self.vault,
            self.media,
            host="127.0.0.1",
            port=port,
            demo=self.demo,
            clock=self.clock,
            demo_cast=self.cast,
            **self.options,
        )
        await channel.open(self.receive)
        return channel

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()
        self.worker.close()

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=20)
        return self.now

    async def cast(self) -> list[CastMember]:
        return await self.worker.run(lambda s: demo_cast(s, self.vault, self.now))

    async def person(self, name: str, token: str | None = None) -> str:
        """Somebody with a link; its token."""

        def job(session: Session) -> str:
            person = Person(name=name, created_at=self.now)
            session.add(person)
            session.flush()
            return personal_link(session, self.vault, person.id, self.now, token=token)

        return await self.worker.run(job)

    async def chat(self, token: str) -> str:
        """The chat behind a token."""
        wanted = self.vault.digest("link", token)
        return await self.worker.read(
            lambda s: s.scalars(select(Account.chat).where(Account.token_hash == wanted)).one()
        )

    async def receive(self, incoming: Incoming) -> None:
        """Keep one message, once, as the real intake does."""
        if self.broken:
            raise self.fault
        now = self.clock()

        def job(session: Session) -> bool:
            known = select(InboundMessage.id).where(
                InboundMessage.channel == "web", InboundMessage.event_id == incoming.event_id
            )
            if session.scalar(known) is not None:
                return False
            point = incoming.location
            payload: Json = {
                "text": incoming.text,
                "files": remember(session, incoming.files),
                "location": [point.latitude, point.longitude] if point else None,
                "pressed": incoming.pressed,
                "label": _label(session, incoming.pressed),
                "reply_to": incoming.reply_to,
                "name": "",
            }
            session.add(
                InboundMessage(
                    channel="web",
                    event_id=incoming.event_id,
                    chat=incoming.address.chat,
                    state="done",
                    payload=payload,
                    received_at=now,
                )
            )
            return True

        if await self.worker.run(job, key=incoming.address.chat):
            self.got.append(incoming)
            await self.answer(self, incoming)

    async def say(
        self,
        chat: str,
        text: str = "",
        *,
        choices: Sequence[str] = (),
        exits: Sequence[str] = (),
        media: tuple[File, ...] = (),
        state: str = "sent",
        ticket: int | None = None,
        edits: int | None = None,
        quietly: bool = False,
        **more: Any,
    ) -> int:
        """Let the bot say something; the outbox id. quietly: stored, but no page is told."""
        now = self.clock()

        def job(session: Session) -> tuple[int, tuple[File, ...]]:
            payload: Json = {
                "text": text,
                "choices": [button(label) for label in choices],
                "exits": [button(label) for label in exits],
                "files": remember(session, media),
                **more,
            }
            row = OutboundMessage(
                channel="web",
                chat=chat,
                payload=payload,
                edits=edits,
                state=state,
                not_before=now,
                created_at=now,
                sent_at=now if state == "sent" else None,
            )
            session.add(row)
            session.flush()
            return row.id, files(session, payload["files"])

        ref, kept = await self.worker.run(job, key=chat)
        point = more.pop("location", None)
        outgoing = Outgoing(
            ref,
            text=text,
            choices=tuple(Choice(label, i, f"{ref}:{i}") for i, label in enumerate(choices, 1)),
            exits=tuple(
                Choice(label, None, f"{ref}:{i}") for i, label in enumerate(exits, len(choices) + 1)
            ),
            files=kept,
            ticket=ticket,
            location=Location(*point) if point else None,
            **more,
        )
        if state == "sent" and not quietly:
            if edits is None:
                shown = await self.channel.send(Address("web", chat), outgoing, self.channel.fetch)
                assert shown == (str(ref),)
            else:
                await self.channel.edit(Address("web", chat), str(edits), outgoing)
        return ref


def _label(session: Session, pressed: str | None) -> str:
    if not pressed:
        return ""
    ref, index = pressed.split(":")
    row = session.get_one(OutboundMessage, int(ref))
    return str([*row.payload["choices"], *row.payload["exits"]][int(index) - 1]["label"])


async def history(http: ClientSession, house: House, token: str) -> list[dict[str, Any]]:
    async with http.get(f"{house.channel.address}/c/{token}/history") as answer:
        assert answer.status == 200
        messages: list[dict[str, Any]] = (await answer.json())["messages"]
        return messages


async def post(http: ClientSession, house: House, token: str, data: Any) -> tuple[int, Any]:
    url = f"{house.channel.address}/c/{token}/messages"
    given = {"data": data} if isinstance(data, FormData | bytes) else {"json": data}
    async with http.post(url, **given) as answer:
        return answer.status, await answer.json(content_type=None)


def form(key: str, *uploads: tuple[str, str, bytes], **fields: str) -> FormData:
    data = FormData({"id": key, **fields}, default_to_multipart=True)
    for name, mime, content in uploads:
        data.add_field("files", content, filename=name, content_type=mime)
    return data
