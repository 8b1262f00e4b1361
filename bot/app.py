"""Where the program is put together: one function makes all parts, and tests hand in theirs."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Engine

import handlers
from bot.broadcast import Broadcast, rows_ahead
from bot.channels.base import Channel
from bot.channels.telegram_base import TelegramBase
from bot.channels.telegram_reading import Webhook
from bot.channels.web.channel import WebChannel
from bot.channels.web.joining import Joining
from bot.channels.web.routes import Handler
from bot.clock import Ticker, system_clock
from bot.conversation import Engine as Conversations
from bot.delivery import Delivery
from bot.duties import PAUSE, Duties
from bot.intake import ALBUM_PAUSE, Intake
from bot.metrics import Metrics
from bot.pacing import Limits
from bot.reporting.documents import Documents
from bot.reporting.runner import Reports
from bot.roles import MINDS, Role, name_of_this_process, updates_of
from bot.settings import Settings, TelegramLibrary
from bot.status import Status
from bot.throwing_away import Waste
from bot.together import Together
from bot.wording import Wording
from storage.links import CastMember, demo_cast
from storage.media import MediaFolder
from storage.notices import settings as notices
from storage.notices.standing import stands
from storage.opening import open_database
from storage.room import short_of_room
from storage.vault import Vault
from storage.worker import StorageWorker

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
TELEGRAM = ("telegram", "telegram_staff")
TURN = 0.0005
"""Seconds after which a thread that computes (the storage's) lets the event loop have its turn.
Python's own 0.005 make every call and every send slot late by as much: 1.3 % of the pace."""


@dataclass(slots=True)
class App:
    """A running program: its parts, and how it starts and stops.

    channels: all that are set. opened: those that this process takes messages in through.
    together: how it gets on with other processes on the same database; None where there are none.
    """

    settings: Settings
    role: Role
    database: Engine
    vault: Vault
    worker: StorageWorker
    wording: Wording
    intake: Intake
    duties: Duties
    reports: Reports
    documents: Documents
    broadcast: Broadcast
    waste: Waste
    delivery: Delivery
    channels: dict[str, Channel]
    opened: dict[str, Channel]
    tickers: tuple[Ticker, ...]
    metrics: Metrics
    status: Status
    together: Together | None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def web(self) -> WebChannel:
        """The page's channel."""
        channel = self.channels["web"]
        assert isinstance(channel, WebChannel)
        return channel

    async def start(self) -> None:
        """Take up what was being sent, open every channel, and begin to send.

        Raises OSError when a port is taken.
        """
        sys.setswitchinterval(TURN)
        if self.settings.status_port:
            await self.status.open(self.settings.web_host, self.settings.status_port)
        await self.delivery.recover()
        for channel in self.opened.values():
            await channel.open(self.metrics.timed(self.intake.receive))
        if self.together is not None:
            self.together.start()
        self._tasks = [asyncio.create_task(ticker.run(), name="ticker") for ticker in self.tickers]
        if self.delivery.channels:
            self._tasks.append(asyncio.create_task(self.delivery.run(), name="delivery"))
        self.status.running = True
        lay_memory_aside()

    async def stop(self) -> None:
        """Send nothing more, then take nothing more in, and let go of everything.

        In this order: a channel that closes cuts the calls that are under way, and each of them
        would have to go out again. What comes in meanwhile is stored, its replies wait.
        """
        self.status.running = False
        for ticker in self.tickers:
            ticker.stop()
        await self.reports.stop()
        await self.documents.stop()
        await self.delivery.stop()
        if self.together is not None:
            await self.together.stop_sending()
        for channel in sorted(self.channels.values(), key=lambda channel: channel.name == "web"):
            try:
                await channel.close()
            except Exception as error:
                log.error("channel not closed", channel=channel.name, exc_info=error)
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self.together is not None:
            await self.together.stop()
        await self.status.close()
        await asyncio.to_thread(self.worker.close)
        self.database.dispose()

    async def run_until(self, stopped: asyncio.Event) -> None:
        """Run between `start` and `stop`."""
        await self.start()
        try:
            await stopped.wait()
        finally:
            await self.stop()


def build(
    settings: Settings,
    *,
    role: Role = Role.ALL,
    clock: Clock = system_clock,
    more_channels: Sequence[Channel] = (),
    album_pause: timedelta = ALBUM_PAUSE,
    duty_pause: timedelta = PAUSE,
) -> App:
    """Make every part as the settings say, with the database brought up to date.

    role: what this process does; any but `ALL` needs PostgreSQL. more_channels: channels besides
    those of the settings (tests bring theirs). album_pause: how long after its last part an album
    counts as whole (tests cannot wait as long). duty_pause: how often it is looked what falls due
    by itself. Raises
    storage.vault.KeyFileError and sqlalchemy.exc.SQLAlchemyError in plain words of their own.
    """
    database, vault = open_database(settings.database_url, settings.key_file)
    worker = StorageWorker(database)
    wording = Wording(settings.time_zone)
    media = MediaFolder(settings.media_dir, vault)
    platforms: dict[str, Channel] = {channel.name: channel for channel in more_channels}
    routes = _add_telegram(settings, platforms)
    names = [*platforms, "web"]
    rate = settings.telegram_rate
    limits = {name: Limits(overall=rate) for name in TELEGRAM} if rate else {}
    metrics = Metrics(names, role)
    sent_by_us: dict[str, Channel] = dict(platforms) if role.sends else {}
    delivery = Delivery(
        worker, sent_by_us, media, clock, limits, others=platforms, noted=metrics.delivered
    )
    takes_in = role.takes_in(webhook=bool(settings.webhook_url))
    together = None
    if database.dialect.name == "postgresql":
        polled = [c for c in platforms.values() if isinstance(c, TelegramBase)]
        polled = polled if takes_in and not settings.webhook_url else []
        together = Together(
            worker, database, clock, delivery, name_of_this_process(),
            names=names,
            sends=[*(platforms if role.sends else ()), *(["web"] if role.serves else ())],
            minds=[
                *([MINDS] if role.minds else ()),
                *(updates_of(channel.name) for channel in polled),
            ],
        )  # fmt: skip
        for channel in polled:
            channel.may_ask = partial(together.asks, channel.name)
    queued = together.queued if together else delivery.wake
    known = handlers.load()
    conversations = Conversations(known, wording)
    intake = Intake(
        worker, conversations, wording, clock, queued, delivery.handover, album_pause=album_pause
    )
    duties = Duties(worker, known.duties, wording, clock, queued, duty_pause, known.dailies)
    reports = Reports(worker, media, wording, clock, queued)
    broadcast = Broadcast(
        worker, wording, names, clock, queued, rows_ahead(rate),
        rests=notices.rests, stands=stands,
    )  # fmt: skip
    documents = Documents(worker, media, wording, clock, queued)
    waste = Waste(worker, media, clock)

    opened = dict(platforms) if takes_in else {}
    status = Status(
        worker, metrics, clock, opened, together.holds if together else dict,
        lambda: short_of_room(settings.database_url, settings.media_dir) is None,
        settings.metrics_token.get_secret_value(),
    )  # fmt: skip
    joining = Joining(worker, vault, clock)

    async def cast() -> list[CastMember]:
        return await worker.run(lambda session: demo_cast(session, vault, clock()))

    channels = dict(platforms)
    if role.serves:
        page = WebChannel(
            worker,
            vault,
            media,
            host=settings.web_host,
            port=settings.web_port,
            demo=settings.web_demo,
            clock=clock,
            demo_cast=cast,
            extra_routes=[
                *routes,
                ("GET", "/join/{code}", joining.show),
                ("POST", "/join/{code}", joining.use),
                *status.routes(),
            ],
            load=delivery.load,
        )
        channels["web"] = opened["web"] = sent_by_us["web"] = page
        if together:
            together.has(page)
    may = together.minds if together else _always
    tickers = (
        Ticker(
            [intake.release_albums, duties.look], pause=album_pause.total_seconds() / 3, may=may
        ),
        Ticker([reports.look, documents.look, waste.look], may=may),
        # By itself: what takes long must not let the outbox run dry.
        Ticker([broadcast.look], may=may),
    )
    return App(
        settings, role, database, vault, worker, wording, intake, duties, reports, documents,
        broadcast, waste, delivery, channels, opened, tickers if role.minds else (), metrics,
        status, together,
    )  # fmt: skip


def lay_memory_aside() -> None:
    """What stands now stays: a full collection over it would stop every chat for 0.16 s."""
    gc.collect()
    gc.freeze()
    # What a message leaves behind is gone by itself; the young are looked through less often.
    gc.set_threshold(10_000, 20, 50)


def _always() -> bool:
    return True


def _add_telegram(
    settings: Settings, channels: dict[str, Channel]
) -> list[tuple[str, str, Handler]]:
    """Add the bots whose tokens are set; the routes their webhooks need."""
    bots: list[tuple[str, str, TelegramLibrary]] = [
        ("telegram", settings.telegram_token.get_secret_value(), settings.telegram_library),
        (
            "telegram_staff",
            settings.telegram_staff_token.get_secret_value(),
            settings.telegram_staff_library,
        ),
    ]
    webhook = None
    if settings.webhook_url:
        webhook = Webhook(settings.webhook_url, settings.webhook_secret.get_secret_value())
    routes: list[tuple[str, str, Handler]] = []
    for name, token, library in bots:
        if not token:
            continue
        # Each library costs memory and time to import: only the one that is used.
        if library == "aiogram":
            from bot.channels import telegram_aiogram as adapter
        else:
            from bot.channels import telegram_ptb as adapter  # type: ignore[no-redef]
        channel = adapter.TelegramChannel(
            name,
            token,
            api_base=settings.telegram_api_base or None,
            proxy=settings.telegram_proxy or None,
            webhook=webhook,
        )
        channels[name] = channel
        if webhook:
            routes.append(("POST", channel.route_path, channel.on_webhook))
    return routes
