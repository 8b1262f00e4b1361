"""The HTML of the page; every sentence stands in templates/web/."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from storage.links import CastMember, Visitor

TEMPLATES = Path(__file__).parents[3] / "templates" / "web"

PAGE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "microphone=(self), geolocation=(self), camera=(self)",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    ),
}


class Pages:
    """Renders the few pages there are."""

    def __init__(self) -> None:
        environment = _environment()
        self._chat = environment.get_template("chat.html")
        self._demo = environment.get_template("demo.html")
        self._plain = environment.get_template("plain.html")
        self._join = environment.get_template("join.html")

    def chat(self, visitor: Visitor) -> web.Response:
        """The chat of one person."""
        return _html(self._chat.render(visitor=visitor))

    def demo(self, cast: list[CastMember]) -> web.Response:
        """The sample's people side by side."""
        return _html(self._demo.render(cast=cast))

    def closed(self) -> web.Response:
        """What stands at the root of a real installation: how to get in, and nobody's name."""
        return _html(self._plain.render(what="closed"))

    def join(self, *, usable: bool) -> web.Response:
        """An invitation: the button that uses it, or word that it is used up."""
        return _html(self._join.render(usable=usable), status=200 if usable else 410)

    def not_found(self) -> web.Response:
        """An address or a personal link that does not exist."""
        return _html(self._plain.render(what="not_found"), status=404)


@cache
def _environment() -> Environment:
    """One for the whole process: what it compiled does not change."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={"Cache-Control": "no-store"},
    )
