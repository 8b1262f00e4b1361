"""An answer leaves from the transaction of the message that it answers.

Otherwise delivery would look for it in a second transaction, open what was just sealed, and the one
who waits would wait for both. It is the same step all the same: noted as `sending` before anything
leaves, one message a chat at a time.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.messages import Address
from bot.parcels import Parcel, take_next
from storage import outbox
from storage.database import is_outage
from storage.worker import StorageWorker

Job = Callable[[Session], object]
_Taken = tuple[Parcel | None, bool]


@dataclass(slots=True)
class Handover:
    """Runs jobs after which a chat's next answer may leave at once.

    may: whether a channel could take an answer to this chat just now, with so many others promised.
    ours: for a job, those of some channels that no other process takes over before it ends. begin:
    called with what was taken. doubt: called when it is not known whether something was taken.
    soon: called when nothing was queued but what is taken. tasks: what is under way, which whoever
    ends the program waits for.
    """

    worker: StorageWorker
    may: Callable[[Address, int], bool]
    ours: Callable[[Session, Sequence[str]], Sequence[str]]
    begin: Callable[[Parcel], None]
    doubt: Callable[[], None]
    soon: Callable[[], None]
    tasks: set[asyncio.Task[Any]]
    _promised: Counter[str] = field(default_factory=Counter)

    @property
    def promised(self) -> int:
        """How many jobs may be taking something just now."""
        return self._promised.total()

    async def run(
        self, job: Job, address: Address, now: datetime, *, key: str, turn: str = ""
    ) -> bool:
        """Run `job` as `StorageWorker.run` does with `together`, and raise as it does; what then
        is the first to go to this chat is taken in the same transaction, and begun. Whether that
        leaves nothing new to be looked for in the outbox: what else goes to this chat follows."""
        if not self.may(address, self._promised[address.channel]):
            await self.worker.run(job, key=key, turn=turn, together=True)
            return False

        def job_and_next(session: Session) -> _Taken:
            outbox.chats_queued_to(session)  # by whoever shares the transaction
            job(session)
            chats = outbox.chats_queued_to(session)
            if not self.ours(session, [address.channel]):
                return None, not chats
            parcel = take_next(session, address, now)
            mine = {(address.channel, address.chat)} if parcel is not None else set()
            return parcel, chats <= mine

        self._promised[address.channel] += 1
        # Whoever waits for it may be cancelled; what was taken leaves all the same.
        task = asyncio.create_task(self._run(job_and_next, address, key, turn), name="handover")
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return await asyncio.shield(task)

    async def _run(
        self, job: Callable[[Session], _Taken], address: Address, key: str, turn: str
    ) -> bool:
        try:
            parcel, all_taken = await self.worker.run(job, key=key, turn=turn, together=True)
        except BaseException as error:
            if is_outage(error) or not isinstance(error, Exception):
                self.doubt()
            raise
        finally:
            self._promised[address.channel] -= 1
        if parcel is not None:
            self.begin(parcel)
        if all_taken:
            self.soon()
        return all_taken
