"""What a monitoring program reads about this process, in Prometheus's text format.

Counted here since the start: what was handled and delivered. Read from the database when asked:
what waits, which is the same whichever process of several is asked. Numbers only, nobody's data.
"""

from __future__ import annotations

import time
from collections.abc import Collection

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from bot.channels.base import Receive
from bot.messages import Incoming
from storage.gauges import Gauges
from storage.outbox import OutState

CONTENT_TYPE = CONTENT_TYPE_LATEST
STEPS = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds, from a tenth of what most messages take to what a platform waits for an answer."""


class Metrics:
    """The figures of one running program.

    channels: the names that are there from the beginning, with nought. role: what it runs as.
    """

    def __init__(self, channels: Collection[str], role: str) -> None:
        self._channels = sorted(channels)
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)  # its memory, its CPU, where the system tells
        self._handling = Histogram(
            "jiamenkou_handling_seconds",
            "From a message's arrival until it and all it caused was stored.",
            ["channel"],
            buckets=STEPS,
            registry=registry,
        )
        self._not_stored = Counter(
            "jiamenkou_not_stored",
            "Messages that were refused because they could not be stored; they come again.",
            ["channel"],
            registry=registry,
        )
        self._deliveries = Counter(
            "jiamenkou_deliveries",
            "Attempts to deliver a message, by what came of it; queued: to be tried again.",
            ["channel", "state"],
            registry=registry,
        )
        self._queue = Gauge(
            "jiamenkou_queue_messages",
            "Messages in the outbox that wait (queued) or are on their way (sending).",
            ["channel", "state"],
            registry=registry,
        )
        self._oldest = Gauge(
            "jiamenkou_oldest_unsent_seconds",
            "For how long the message that could have gone first has waited; 0 if there is none.",
            ["channel"],
            registry=registry,
        )
        self._to_hand_on = Gauge(
            "jiamenkou_notice_recipients_left",
            "Recipients of notices that go out just now whose message is not in the outbox yet.",
            registry=registry,
        )
        self._nobodys = Gauge(
            "jiamenkou_tickets_without_owner",
            "Open tickets that nobody has; alarmed: administrators were told.",
            ["alarmed"],
            registry=registry,
        )
        self._database = Gauge(
            "jiamenkou_database_up", "Whether the database answered just now.", registry=registry
        )
        self._holds = Gauge(
            "jiamenkou_holds",
            "Whether it is this process that sends through a channel, or does what falls due.",
            ["what"],
            registry=registry,
        )
        Gauge("jiamenkou_role", "What this process runs as.", ["role"], registry=registry).labels(
            role
        ).set(1)
        for channel in self._channels:
            self._handling.labels(channel)
            self._not_stored.labels(channel)
            for state in OutState:
                if state is not OutState.SENDING:
                    self._deliveries.labels(channel, state.value)

    def timed(self, receive: Receive) -> Receive:
        """`receive`, with its time taken."""

        async def taken(incoming: Incoming) -> None:
            began = time.monotonic()
            try:
                await receive(incoming)
            except Exception:
                self._not_stored.labels(incoming.address.channel).inc()
                raise
            self._handling.labels(incoming.address.channel).observe(time.monotonic() - began)

        return taken

    def delivered(self, channel: str, state: OutState) -> None:
        """An attempt has ended."""
        self._deliveries.labels(channel, state.value).inc()

    def text(self, gauges: Gauges | None, holds: dict[str, bool]) -> bytes:
        """All of it. gauges: None when the database does not answer, and then they are absent.
        holds: what this process may do just now, by name."""
        for gauge in (self._queue, self._oldest, self._nobodys, self._holds):
            gauge.clear()
        self._database.set(gauges is not None)
        for name, held in holds.items():
            self._holds.labels(name).set(held)
        if gauges is not None:
            waits = {channel for channel, _ in gauges.waiting}
            for channel in sorted({*self._channels, *waits}):
                self._oldest.labels(channel).set(gauges.oldest.get(channel, 0.0))
                for state in (OutState.QUEUED, OutState.SENDING):
                    number = gauges.waiting.get((channel, state), 0)
                    self._queue.labels(channel, state.value).set(number)
            self._to_hand_on.set(gauges.to_hand_on)
            self._nobodys.labels("yes").set(gauges.alarmed)
            self._nobodys.labels("no").set(gauges.without_owner - gauges.alarmed)
        return generate_latest(self._registry)
