"""Telegram through python-telegram-bot: its client only; no application, updater or persistence."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.channels.base import Blocked, Refused, TryLater, Unreachable
from bot.channels.telegram_base import TelegramBase, Timing
from bot.channels.telegram_reading import EVENTS, Webhook
from bot.channels.telegram_writing import (
    DOWNLOAD_LIMIT,
    BadToken,
    Media,
    keyboard,
    refusal,
    share_keyboard,
)
from bot.messages import File, Outgoing

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
ALBUM = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "audio": InputMediaAudio,
    "document": InputMediaDocument,
}
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class TelegramChannel(TelegramBase):
    """One bot, through python-telegram-bot."""

    def __init__(
        self,
        name: str,
        token: str,
        *,
        api_base: str | None = None,
        proxy: str | None = None,
        webhook: Webhook | None = None,
        timing: Timing | None = None,
    ) -> None:
        timing = timing or Timing()
        super().__init__(name, webhook, timing)
        # The library's own switch for how it gives `retry_after`; the other way warns every time.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        # They log addresses, which carry the token, and the library logs what people wrote.
        for noisy in ("httpx", "httpcore", "telegram"):
            logging.getLogger(noisy).setLevel(logging.WARNING)
        base = (api_base or "https://api.telegram.org").rstrip("/")
        self._request = HTTPXRequest(
            connect_timeout=min(10.0, timing.call),
            read_timeout=timing.call,
            write_timeout=timing.call,
            pool_timeout=timing.call,
            media_write_timeout=timing.call,
            proxy=proxy,
            # Only the setting decides about a proxy, the same as with the other library.
            httpx_kwargs={"trust_env": False},
        )
        # A token that is no token at all is refused by the server; an empty one, here.
        self._bot = Bot(
            token or "none",
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=self._request,
            get_updates_request=self._request,
        )

    async def _username(self) -> str | None:
        async with self._calling() as bot:
            return (await bot.get_me()).username

    async def _choose_delivery(self, url: str, secret: str) -> None:
        async with self._calling() as bot:
            if url:
                await bot.set_webhook(url, secret_token=secret, allowed_updates=list(EVENTS))
            else:
                await bot.delete_webhook()

    async def _updates(self, offset: int | None) -> list[dict[str, Any]]:
        wait = self._timing.poll
        async with self._calling() as bot:
            # Not `get_updates`: there, one update that cannot be parsed spoils the whole batch and
            # is logged in full. Telegram does not mind a method's case; the library would, here.
            updates: list[dict[str, Any]] = await bot.do_api_request(
                "getupdates",
                {"offset": offset, "timeout": wait, "allowed_updates": list(EVENTS)},
                read_timeout=wait + self._timing.call,
            )
            return updates

    def _parse(self, update: dict[str, Any]) -> Update:
        return Update.de_json(update, self._bot)

    async def _answer_press(self, query_id: str) -> None:
        async with self._calling() as bot:
            await bot.answer_callback_query(query_id)

    async def _disconnect(self) -> None:
        await self._request.shutdown()

    async def _send(self, chat: int, message: Outgoing, files: list[Media]) -> list[int]:
        async with self._calling() as bot:
            sent = await self._sent(bot, chat, message, files)
        return [one.message_id for one in sent]

    async def _sent(
        self, bot: Bot, chat: int, message: Outgoing, files: list[Media]
    ) -> Sequence[Message]:
        reply = (
            ReplyParameters(int(message.reply_to), allow_sending_without_reply=True)
            if message.reply_to
            else None
        )
        text, markup = message.text, _markup(message, bot)
        if len(files) > 1:
            album = [
                ALBUM[file.kind](
                    _content(file, album=True), caption=(text or None) if i == 0 else None
                )
                for i, file in enumerate(files)
            ]
            return await bot.send_media_group(chat, album, reply_parameters=reply)
        options: dict[str, Any] = {"reply_markup": markup, "reply_parameters": reply}
        if files:
            send = getattr(bot, f"send_{files[0].kind}")
            return (await send(chat, _content(files[0]), caption=text or None, **options),)
        if message.location:
            place = message.location
            return (await bot.send_location(chat, place.latitude, place.longitude, **options),)
        if message.call:
            return (await bot.send_contact(chat, message.call.phone, message.call.name, **options),)
        return (await bot.send_message(chat, text, link_preview_options=NO_PREVIEW, **options),)

    async def _edit(self, chat: int, message_id: int, message: Outgoing) -> None:
        rows = keyboard(message)
        async with self._calling() as bot:
            await bot.edit_message_text(
                message.text,
                chat_id=chat,
                message_id=message_id,
                link_preview_options=NO_PREVIEW,
                reply_markup=InlineKeyboardMarkup.de_json(rows, bot) if rows else None,
            )

    async def fetch(self, file: File) -> bytes:
        """See `Channel.fetch`."""
        async with self._calling() as bot:
            found = await bot.get_file(file.ref)
            if (found.file_size or 0) > DOWNLOAD_LIMIT:
                raise Refused("file is too big")
            content = await self._request.retrieve(str(found.file_path))
        if len(content) > DOWNLOAD_LIMIT:
            raise Refused("file is too big")
        return bytes(content)

    @asynccontextmanager
    async def _calling(self) -> AsyncIterator[Bot]:
        """The bot, with the library's errors turned into the program's.

        Only Telegram's own words are kept: httpx's may hold the address, and so the token.
        """
        try:
            yield self._bot
        except RetryAfter as error:
            wait: int | float | timedelta = error.retry_after
            seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
            raise TryLater(seconds) from None
        except Forbidden as error:
            raise Blocked(error.message) from None
        except BadRequest as error:
            raise refusal(error.message) from None
        except ChatMigrated:
            raise Refused("ChatMigrated") from None
        except (InvalidToken, EndPointNotFound):
            raise BadToken from None
        except TelegramError as error:
            if "too large" in error.message.lower():
                raise Refused("file is too big") from None
            unsent = isinstance(error, UNSENT) or isinstance(error.__cause__, UNSENT)
            reason = type(error.__cause__ or error).__name__
            raise Unreachable(reason, maybe_sent=not unsent) from None


def _markup(message: Outgoing, bot: Bot) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    if shares := share_keyboard(message):
        return ReplyKeyboardMarkup.de_json(shares, bot)
    rows = keyboard(message)
    return InlineKeyboardMarkup.de_json(rows, bot) if rows else None


def _content(file: Media, *, album: bool = False) -> str | InputFile:
    return file.ref or InputFile(file.content, file.name, attach=album)
