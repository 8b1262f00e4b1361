"""Keeps a test, and every Python program a test starts, off the network.

Python imports a module of this name by itself at start-up when its folder is on PYTHONPATH;
`tests/conftest.py` puts it there and imports it for its own process. An audit hook sees every
socket call whoever makes it (asyncio, httpx, a thread), and cannot be patched away.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

refused: list[str] = []
"""What was refused in this process; `tests/conftest.py` fails the test that caused it."""


class NetworkForbidden(RuntimeError):
    """A test tried to leave this machine. No OSError: code under test must not take it for one."""


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return host is None
    if host in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _refuse(what: str, target: object) -> None:
    message = f"a test may not use the network: {what} {target!r}; only loopback is open"
    refused.append(message)
    raise NetworkForbidden(message)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        made_by, address = arguments[0], arguments[1]
        if made_by.family not in (socket.AF_INET, socket.AF_INET6) or address is None:
            return  # unix sockets, netlink; sendmsg on a connected socket
        # 0.0.0.0 and :: lead to this machine when connected to.
        if not _is_local(address[0]) and address[0] not in ("0.0.0.0", "::"):
            _refuse(event.removeprefix("socket."), tuple(address[:2]))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = arguments[0]
        if not _is_local(host) and host not in ("0.0.0.0", "::"):
            _refuse(event.removeprefix("socket."), host)


sys.addaudithook(_watch)
