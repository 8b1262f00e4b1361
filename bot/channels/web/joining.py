"""`/join/<code>`: an invitation opened in a browser becomes a personal link, once.

Looking at the address uses nothing up, since messengers fetch links to preview them; pressing the
button does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.web.pages import Pages
from storage import invitations
from storage.links import personal_link
from storage.vault import Vault
from storage.worker import StorageWorker


class Joining:
    """The two requests of an invitation's page."""

    def __init__(self, worker: StorageWorker, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._worker = worker
        self._vault = vault
        self._clock = clock
        self._pages = Pages()

    async def show(self, request: web.Request) -> web.Response:
        """The button."""
        return self._pages.join(usable=True)

    async def use(self, request: web.Request) -> web.Response:
        """Use the code up and go to the personal link it gives."""
        code = request.match_info["code"][:32]
        token = await self._worker.run(lambda session: self._redeem(session, code), key="join")
        if token is None:
            return self._pages.join(usable=False)
        raise web.HTTPSeeOther(f"/c/{token}")

    def _redeem(self, session: Session, code: str) -> str | None:
        now = self._clock()
        redeemed = invitations.redeem(session, code, now)
        if redeemed is None:
            return None
        return personal_link(session, self._vault, redeemed[1].id, now)
