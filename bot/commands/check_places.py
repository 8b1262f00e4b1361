"""The part of `check` that looks at this machine: folders, room on the disk, ports, addresses."""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from sqlalchemy.exc import ArgumentError

from bot.commands.check_telegram import Told
from bot.logs import escape, mask
from bot.settings import Settings
from storage.room import short_of_room

HERE = ("127.0.0.1", "::1", "localhost")


def places(settings: Settings) -> Iterator[Told]:
    """Where photos are kept, whether there is room for them, and where the page is reached."""
    yield _media(settings.media_dir)
    yield from _room(settings)
    yield from _page(settings)
    yield from _status(settings)
    yield from _public_url(settings)


def unknown_settings(file: Path) -> list[dict[str, Any]]:
    """Names in the file that no setting has, each with the setting that was perhaps meant."""
    known = {name.upper() for name in Settings.model_fields}
    try:
        written = dotenv_values(file) if file.is_file() else {}
    except (OSError, UnicodeDecodeError):
        return []
    return [
        {"setting": name, "meant": next(iter(get_close_matches(name.upper(), known)), "")}
        for name in written
        if name.upper() not in known
    ]


def brief(error: BaseException) -> str:
    """The first line of an error, with nothing in it that may not be shown."""
    told = getattr(error, "orig", None) or error
    if isinstance(told, OSError) and told.strerror:
        return told.strerror
    first = (str(told).strip().splitlines() or [type(told).__name__])[0]
    return escape(mask(first))[:120]


def _media(folder: Path) -> Told:
    if folder.exists():
        try:
            with tempfile.NamedTemporaryFile(dir=folder):
                pass
        except OSError as error:
            return "BAD", "media_bad", {"path": folder, "reason": brief(error)}
        return "OK", "media_ok", {"path": folder}
    above = next(path for path in folder.absolute().parents if path.exists())
    if above.is_dir() and os.access(above, os.W_OK):
        return "OK", "media_new", {"path": folder}
    return "BAD", "media_bad", {"path": folder, "reason": os.strerror(errno.EACCES)}


def _room(settings: Settings) -> Iterator[Told]:
    try:
        short = short_of_room(settings.database_url, settings.media_dir)
    except (ArgumentError, ValueError, OSError):
        return  # of that the line about the database tells
    if short is not None:
        yield "BAD", "disk_full", {"path": short}


def _page(settings: Settings) -> Iterator[Told]:
    host, port = settings.web_host, settings.web_port
    place = {"host": host, "port": port, "setting": "WEB_PORT"}
    trouble = trouble_at(host, port)
    if trouble is None:
        yield "OK", "page_ok" if port else "page_any_port", place
    else:
        yield _not_free(trouble, place)
    if settings.web_demo and host not in HERE:
        yield "WARN", "page_demo", {"host": host}


def _status(settings: Settings) -> Iterator[Told]:
    host, port = settings.web_host, settings.status_port
    if not port:
        return
    if port == settings.web_port:
        yield "WARN", "ports_same", {"port": port}
    elif trouble := trouble_at(host, port):
        yield _not_free(trouble, {"host": host, "port": port, "setting": "STATUS_PORT"})


def _not_free(trouble: OSError, place: dict[str, Any]) -> Told:
    if trouble.errno == errno.EADDRINUSE:
        return "WARN", "page_taken", place
    return "BAD", "page_refused", {"reason": brief(trouble), **place}


def _public_url(settings: Settings) -> Iterator[Told]:
    if not settings.public_url:
        if not settings.web_demo:
            yield "OK", "page_no_public_url", {}
        return
    parts = urlsplit(settings.public_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield "BAD", "page_public_url", {}
    elif parts.scheme == "http" and parts.hostname not in HERE:
        yield "WARN", "page_not_https", {}


def trouble_at(host: str, port: int) -> OSError | None:
    """Why nothing can listen there; None when something can."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
    except OSError as error:
        return error
    return None
