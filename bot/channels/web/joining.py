"""`/join/<code>`: an invitation opened in a browser becomes a personal link, once.

Looking at the address uses nothing up, since messengers fetch links to preview them; pressing the
button does. Whoever pressed it twice, lost the answer on a weak network or taps the old message
again a week later is led to the same page: the browser keeps a word of its own for this address,
and the personal link is made of the code and that word.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from bot.channels.web.pages import Pages
from storage import invitations
from storage.links import personal_link, visitor
from storage.vault import Vault
from storage.worker import StorageWorker

COOKIE = "knock"
LEAST_WORD = 20
REMEMBERED = 365 * 24 * 3600
"""Seconds a browser keeps its word: about as long as the message with the link."""


class Joining:
    """The two requests of an invitation's page."""

    def __init__(self, worker: StorageWorker, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._worker = worker
        self._vault = vault
        self._clock = clock
        self._pages = Pages()

    async def show(self, request: web.Request) -> web.Response:
        """The button; for the browser that has used it, the page it led to."""
        code, token = self._asked(request)
        opens = bool(token) and await self._worker.read(lambda s: self._opens(s, token))
        if opens:
            raise web.HTTPSeeOther(f"/c/{token}")
        response = self._pages.join(usable=True)
        if not token and code.isascii() and code.isalnum():
            word = secrets.token_urlsafe(24)
            path = f"/join/{code}"
            response.set_cookie(
                COOKIE, word, path=path, max_age=REMEMBERED, httponly=True, samesite="Lax"
            )
        return response

    async def use(self, request: web.Request) -> web.Response:
        """Use the code up and go to the personal link it gives."""
        code, wanted = self._asked(request)
        token = await self._worker.run(lambda s: self._redeem(s, code, wanted), key="join")
        if token is None:
            return self._pages.join(usable=False)
        raise web.HTTPSeeOther(f"/c/{token}")

    def _asked(self, request: web.Request) -> tuple[str, str]:
        """The code, and the token that this browser's word makes of it; empty without a word."""
        code = request.match_info["code"][:32]
        word = request.cookies.get(COOKIE, "")
        token = self._vault.digest("join", code, word)[:48] if len(word) >= LEAST_WORD else ""
        return code, token

    def _redeem(self, session: Session, code: str, wanted: str) -> str | None:
        now = self._clock()
        redeemed = invitations.redeem(session, code, now)
        if redeemed is not None:
            return personal_link(session, self._vault, redeemed[1].id, now, token=wanted or None)
        return wanted if wanted and self._opens(session, wanted) else None

    def _opens(self, session: Session, token: str) -> bool:
        return visitor(session, self._vault, token, demo=False) is not None
