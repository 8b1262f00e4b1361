"""Broadcasts to a whole county by the real program, killed and troubled; the figures are printed.

    python -m tests.reliability.soak_sending                        # everything, about an hour
    python -m tests.reliability.soak_sending kills once --database sqlite
    python -m tests.reliability.soak_sending kills --recipients 6000 --kills 5

Time is scaled: 300 messages a second instead of 30, and a round trip of 50 ms all the same.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import Any

from tests.reliability.broadcasts import Sent, send_and_kill
from tests.reliability.outages import Where, run_outage
from tests.reliability.program import Program

RECIPIENTS, RATE, KILLS = 48_000, 300.0, 20
TROUBLES: dict[str, Any] = {
    "busy": 0.002, "broken": 0.01, "cut": 0.01, "hang": 0.0005, "blocked": 0.05, "closed": 3,
}  # fmt: skip


def main() -> None:
    """Run what is asked for, print the figures. Raises AssertionError when they are not right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=[], metavar="kills|once|trouble|away|full|talks")
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    parser.add_argument("--recipients", type=int, default=RECIPIENTS)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for what in asked.what or ["kills", "once", "trouble", "away", "full", "talks"]:
        for kind in [asked.database] if asked.database else ["sqlite", "postgresql"]:
            if what == "full" and kind != "sqlite":
                continue  # PostgreSQL's disk is its operator's
            if what == "talks":
                with ExitStack() as stack:
                    talked = asyncio.run(run_outage(Where(kind, stack), recipients=600))
                print(f"{what}: {talked}", flush=True)
                continue
            sent = run(what, kind, asked.recipients, asked.kills, asked.rate, asked.seed)
            print(f"{what}: {sent}", flush=True)
            check(what, sent)


def run(what: str, kind: str, recipients: int, kills: int, rate: float, seed: int) -> Sent:
    """One broadcast under one kind of trouble."""
    with ExitStack() as stack:
        where = Where(kind, stack)
        trouble: dict[str, Callable[[Program], Awaitable[None]]] = {
            "away": where.away,
            "full": where.full,
        }
        sending = recipients / rate
        killed = what in ("kills", "once")
        return asyncio.run(
            send_and_kill(
                where.folder, where.engine, where.url, where.key_file,
                recipients=recipients, rate=rate, kills=kills if killed else 0,
                once=what == "once", seed=seed, longest=sending / (kills + 1),
                patience=12 * sending + 600, faults=TROUBLES if what == "trouble" else None,
                trouble=trouble.get(what),
            )
        )  # fmt: skip


def check(what: str, sent: Sent) -> None:
    """Raises AssertionError when something is lost, repeated without being listed, or too often."""
    assert sent.missing == sent.disagree == sent.unlisted == sent.too_early == 0, sent
    if what == "once":
        assert sent.repeated == 0, sent
    if what == "kills":
        assert sent.repeated <= sent.allowed, sent
        assert sent.sent == sent.recipients, sent


if __name__ == "__main__":
    main()
