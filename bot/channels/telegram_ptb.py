"""Telegram through python-telegram-bot: its client only; no application, updater or persistence."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from aiohttp import (
    BytesPayload,
    ClientError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    FormData,
)
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
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
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import BaseRequest, RequestData

from bot.channels.base import Blocked, Refused, TryLater, Unreachable
from bot.channels.connecting import UNSENT, connector
from bot.channels.telegram_base import TelegramBase, Timing
from bot.channels.telegram_reading import EVENTS, Webhook
from bot.channels.telegram_writing import (
    DOWNLOAD_LIMIT,
    BadToken,
    Media,
    keyboard,
    only_which,
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

_DEFAULT = BaseRequest.DEFAULT_NONE


class AiohttpRequest(BaseRequest):
    """What the library asks of whoever calls Telegram for it, by aiohttp in place of httpx: that
    one looks at every connection it holds for every call, and at each call for a library that is
    not there; with 64 chats at once this was more than half of what a call cost.

    timeout: seconds without a byte after which an answer no longer comes. connect_timeout: seconds
    for a connection. proxy: "http://" or "socks5://", if any; nothing else decides about one.
    """

    __slots__ = ("_connect_timeout", "_proxy", "_session", "_timeout")

    def __init__(self, timeout: float, connect_timeout: float, proxy: str | None) -> None:
        self._timeout, self._connect_timeout, self._proxy = timeout, connect_timeout, proxy
        self._session: ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        """Seconds, where a call names none."""
        return self._timeout

    async def initialize(self) -> None:
        """Nothing: the first call opens what it needs."""

    async def shutdown(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = _DEFAULT,
        write_timeout: object = _DEFAULT,
        connect_timeout: object = _DEFAULT,
        pool_timeout: object = _DEFAULT,
    ) -> tuple[int, bytes]:
        """The status and the body of the answer. Raises TimedOut or NetworkError, the reason as
        its cause."""
        reading = read_timeout if isinstance(read_timeout, int | float) else self._timeout
        try:
            async with self._open().request(
                method,
                url,
                data=_body(request_data),
                timeout=ClientTimeout(
                    total=None, sock_connect=self._connect_timeout, sock_read=reading
                ),
                allow_redirects=False,
            ) as answer:
                return answer.status, await answer.read()
        except (TimeoutError, ProxyTimeoutError) as error:
            raise TimedOut from error
        except (ClientError, ProxyConnectionError, ProxyError, OSError) as error:
            # Not its words: they may hold the address, and so the token.
            raise NetworkError(type(error).__name__) from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer, with what is read of it (`only_which`)."""
        answer: dict[str, Any] = BaseRequest.parse_json_payload(payload)
        return only_which(answer)

    def _open(self) -> ClientSession:
        if self._session is None or self._session.closed:
            self._session = ClientSession(
                connector=connector(self._proxy),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )
        return self._session


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
        # It logs what people wrote.
        logging.getLogger("telegram").setLevel(logging.WARNING)
        base = (api_base or "https://api.telegram.org").rstrip("/")
        self._request = AiohttpRequest(timing.call, min(10.0, timing.call), proxy)
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

        Only Telegram's own words are kept: others may hold the address, and so the token.
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
        except ChatMigrated:  # nothing gets to the group under its old id
            raise Blocked("ChatMigrated") from None
        except (InvalidToken, EndPointNotFound):
            raise BadToken from None
        except TelegramError as error:
            if "too large" in error.message.lower():
                raise Refused("file is too big") from None
            reason = type(error.__cause__ or error).__name__
            maybe = not isinstance(error.__cause__, UNSENT)
            raise Unreachable(reason, maybe_sent=maybe) from None


def _markup(message: Outgoing, bot: Bot) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    if shares := share_keyboard(message):
        return ReplyKeyboardMarkup.de_json(shares, bot)
    rows = keyboard(message)
    return InlineKeyboardMarkup.de_json(rows, bot) if rows else None


def _content(file: Media, *, album: bool = False) -> str | InputFile:
    return file.ref or InputFile(file.content, file.name, attach=album)


def _body(given: RequestData | None) -> FormData | BytesPayload | None:
    """What is posted: JSON, and a form where there are files."""
    if given is None:
        return None
    if not given.contains_files:
        return BytesPayload(given.json_payload, content_type="application/json")
    form = FormData(given.json_parameters, quote_fields=False)  # Telegram shows names as they come
    for name, (file_name, content, kind) in given.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=kind)
    return form
