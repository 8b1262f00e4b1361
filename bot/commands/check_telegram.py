"""The part of `check` that asks Telegram: does each token work, do the settings fit together."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from bot.channels.connecting import connector
from bot.settings import Settings

OFFICIAL = "https://api.telegram.org"
PATIENCE = 5.0

Told = tuple[str, str, dict[str, Any]]
"""The name of a mark (OK, WARN, BAD), the sentence, its facts."""


def settings_fit(settings: Settings) -> Iterator[Told]:
    """What is wrong with the settings, whatever Telegram says."""
    one, two = settings.telegram_token, settings.telegram_staff_token
    if not one.get_secret_value() and not two.get_secret_value():
        return
    if one.get_secret_value() == two.get_secret_value():
        yield "BAD", "bot_same", {}
    if not _is_address(_base(settings), "http", "https"):
        yield "BAD", "bot_base", {}
    proxy = settings.telegram_proxy
    if proxy and not _is_address(proxy, "http", "socks4", "socks5"):
        yield "BAD", "bot_proxy", {}


def bots(settings: Settings) -> Iterator[Told]:
    """Whether each bot that has a token answers to getMe, by the base and proxy that are set."""
    one, two = settings.telegram_token, settings.telegram_staff_token
    if not one.get_secret_value() and not two.get_secret_value():
        yield "OK", "bot_none", {}
        return
    if wrong := list(settings_fit(settings)):
        yield from wrong
        return
    for token, who, name, library in (
        (one, "who_residents", "TELEGRAM_TOKEN", settings.telegram_library),
        (two, "who_staff", "TELEGRAM_STAFF_TOKEN", settings.telegram_staff_library),
    ):
        if token.get_secret_value():
            mark, sentence, facts = _ask(token, _base(settings), settings.telegram_proxy)
            yield mark, sentence, {"who": who, "setting": name, "library": library, **facts}
    if not one.get_secret_value():
        yield "WARN", "bot_staff_only", {}


def _base(settings: Settings) -> str:
    return settings.telegram_api_base.rstrip("/") or OFFICIAL


def _ask(token: SecretStr, base: str, proxy: str) -> Told:
    if not re.fullmatch(r"\d+:[\w-]{30,}", token.get_secret_value(), re.ASCII):
        return "BAD", "bot_shape", {}
    # No message of an error is ever passed on: it may hold the address, and that holds the token.
    away = {"base": urlsplit(base).hostname or "", "proxied": bool(proxy)}
    try:
        status, answer = asyncio.run(_get_me(token, base, proxy))
    except TimeoutError:
        return "BAD", "bot_away", {"reason": f"{PATIENCE:g} s", **away}
    except Exception as error:
        return "BAD", "bot_away", {"reason": type(error).__name__, **away}
    match answer:
        case {"ok": True, "result": {"username": str(username)}}:
            return "OK", "bot_ok", {"username": username}
        case {"ok": False, "error_code": 401 | 404}:
            return "BAD", "bot_refused", {}
    return "BAD", "bot_strange", {"status": status, **away}


def bot_username(settings: Settings, token: SecretStr) -> str | None:
    """The name of the bot behind a token, or None when Telegram does not say it now."""
    try:
        _, answer = asyncio.run(_get_me(token, _base(settings), settings.telegram_proxy))
    except Exception:  # any failure means the same here, and its text may hold the token
        return None
    match answer:
        case {"ok": True, "result": {"username": str(username)}}:
            return username
    return None


async def _get_me(token: SecretStr, base: str, proxy: str) -> tuple[int, Any]:
    async with (
        asyncio.timeout(PATIENCE),
        aiohttp.ClientSession(connector=connector(proxy)) as client,
        client.get(f"{base}/bot{token.get_secret_value()}/getMe") as response,
    ):
        try:
            return response.status, await response.json(content_type=None)
        except ValueError:
            return response.status, None


def webhook(settings: Settings) -> Iterator[Told]:
    """Whether the webhook's address and secret fit together."""
    url, secret = settings.webhook_url, settings.webhook_secret.get_secret_value()
    if not url:
        if secret:
            yield "WARN", "webhook_no_url", {}
        elif settings.telegram_token.get_secret_value():
            yield "OK", "webhook_none", {}
        return
    faults: list[Told] = []
    if not _is_address(url, "https"):
        faults.append(("BAD", "webhook_bad_url", {}))
    if not secret:
        faults.append(("BAD", "webhook_no_secret", {}))
    elif not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret):
        faults.append(("BAD", "webhook_bad_secret", {}))
    tokens = (settings.telegram_token, settings.telegram_staff_token)
    if not any(token.get_secret_value() for token in tokens):
        faults.append(("WARN", "webhook_no_token", {}))
    yield from faults or [("OK", "webhook_ok", {"host": urlsplit(url).hostname})]


def _is_address(url: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
