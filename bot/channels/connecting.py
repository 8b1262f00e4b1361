"""How both of Telegram's libraries reach it: through aiohttp, and a proxy where one is set."""

from __future__ import annotations

from aiohttp import BaseConnector, ClientConnectorError, ConnectionTimeoutError, TCPConnector
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError

UNSENT = (
    ClientConnectorError,
    ConnectionTimeoutError,
    ProxyConnectionError,
    ProxyError,
    ProxyTimeoutError,
)
"""What is raised when nothing was connected, so that nothing can have arrived."""


def socks_as_known(proxy: str) -> str:
    """A proxy's address as aiohttp-socks spells it, which always lets it look names up."""
    return proxy.replace("socks5h://", "socks5://")


def connector(proxy: str | None) -> BaseConnector:
    """Connections, as many as are asked for: delivery limits how many calls are under way."""
    if proxy:
        return ProxyConnector.from_url(socks_as_known(proxy), limit=0)
    return TCPConnector(limit=0)
