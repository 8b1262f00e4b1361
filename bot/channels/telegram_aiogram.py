"""Telegram through aiogram: its client only; no dispatcher, no states, no rate limiter."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import ClientError, FormData, JsonPayload

from bot.channels.base import Blocked, Refused, TryLater, Unreachable
from bot.channels.connecting import UNSENT, socks_as_known
from bot.channels.late_models import built_when_used
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

with built_when_used() as models:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
    from aiogram.exceptions import (
        ClientDecodeError,
        TelegramAPIError,
        TelegramBadRequest,
        TelegramEntityTooLarge,
        TelegramForbiddenError,
        TelegramMigrateToChat,
        TelegramNotFound,
        TelegramRetryAfter,
        TelegramUnauthorizedError,
    )
    from aiogram.methods import TelegramMethod
    from aiogram.methods.base import Response
    from aiogram.types import (
        BufferedInputFile,
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
    from aiogram.types.base import TelegramObject
    from aiogram.utils.token import TokenValidationError
models.are(TelegramObject, TelegramMethod, Response)

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
ALBUM = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "audio": InputMediaAudio,
    "document": InputMediaDocument,
}


class RawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates, each update left as it came: a bad one must not spoil the rest."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int
    allowed_updates: list[str]


class Session(AiohttpSession):
    """aiogram's, but a call without files goes as JSON, which Telegram takes as well: putting a
    form together takes a quarter of the call."""

    def build_form_data(  # type: ignore[override]
        self, bot: Bot, method: TelegramMethod[Any]
    ) -> FormData | JsonPayload:
        """What is posted, each value as aiogram has it in a form."""
        files: dict[str, InputFile] = {}
        given = method.model_dump(warnings=False, exclude_none=True)
        values = {name: self.prepare_value(one, bot, files) for name, one in given.items()}
        if files:
            return super().build_form_data(bot, method)
        return JsonPayload({name: value for name, value in values.items() if value})


class TelegramChannel(TelegramBase):
    """One bot, through aiogram."""

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
        self._session = Session(
            proxy=socks_as_known(proxy) if proxy else None,
            api=TelegramAPIServer.from_base(api_base) if api_base else PRODUCTION,
            timeout=timing.call,
            json_loads=lambda answer: only_which(json.loads(answer)),
        )
        self._bot: Bot | None = None
        with suppress(TokenValidationError):  # said when the channel is opened, once
            self._bot = Bot(token, session=self._session)

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
        method = RawUpdates(offset=offset, timeout=wait, allowed_updates=list(EVENTS))
        async with self._calling() as bot:
            return await bot(method, request_timeout=wait + int(self._timing.call) + 1)

    def _parse(self, update: dict[str, Any]) -> Update:
        return Update.model_validate(update, context={"bot": self._bot})

    async def _answer_press(self, query_id: str) -> None:
        async with self._calling() as bot:
            await bot.answer_callback_query(query_id)

    async def _disconnect(self) -> None:
        await self._session.close()

    async def _send(self, chat: int, message: Outgoing, files: list[Media]) -> list[int]:
        async with self._calling() as bot:
            sent = await self._sent(bot, chat, message, files)
        return [one.message_id for one in sent]

    async def _sent(
        self, bot: Bot, chat: int, message: Outgoing, files: list[Media]
    ) -> Sequence[Message]:
        reply = (
            ReplyParameters(message_id=int(message.reply_to), allow_sending_without_reply=True)
            if message.reply_to
            else None
        )
        text, markup = message.text, _markup(message)
        if len(files) > 1:
            album = [ALBUM[file.kind](media=_content(file)) for file in files]
            album[0] = album[0].model_copy(update={"caption": text or None})
            return await bot.send_media_group(chat, album, reply_parameters=reply)
        options: dict[str, Any] = {"reply_markup": markup, "reply_parameters": reply}
        if files:
            send = getattr(bot, f"send_{files[0].kind}")
            return [await send(chat, _content(files[0]), caption=text or None, **options)]
        if message.location:
            place = message.location
            return [await bot.send_location(chat, place.latitude, place.longitude, **options)]
        if message.call:
            return [await bot.send_contact(chat, message.call.phone, message.call.name, **options)]
        return [await bot.send_message(chat, text, link_preview_options=NO_PREVIEW, **options)]

    async def _edit(self, chat: int, message_id: int, message: Outgoing) -> None:
        rows = keyboard(message)
        async with self._calling() as bot:
            await bot.edit_message_text(
                message.text,
                chat_id=chat,
                message_id=message_id,
                link_preview_options=NO_PREVIEW,
                reply_markup=InlineKeyboardMarkup.model_validate(rows) if rows else None,
            )

    async def fetch(self, file: File) -> bytes:
        """See `Channel.fetch`."""
        async with self._calling() as bot:
            path = (await bot.get_file(file.ref)).file_path or ""
            url = self._session.api.file_url(bot.token, path)
            content = bytearray()
            async for chunk in self._session.stream_content(url, timeout=int(self._timing.call)):
                content += chunk
                if len(content) > DOWNLOAD_LIMIT:
                    raise Refused("file is too big")
            return bytes(content)

    @asynccontextmanager
    async def _calling(self) -> AsyncIterator[Bot]:
        """The bot, with aiogram's errors turned into the program's.

        Only Telegram's own words are kept: aiohttp's may hold the address, and so the token.
        """
        if self._bot is None:
            raise BadToken
        try:
            yield self._bot
        except TelegramRetryAfter as error:
            raise TryLater(error.retry_after) from None
        except TelegramForbiddenError as error:
            raise Blocked(error.message) from None
        except TelegramBadRequest as error:
            raise refusal(error.message) from None
        except TelegramMigrateToChat as error:  # nothing gets to the group under its old id
            raise Blocked(type(error).__name__) from None
        except TelegramEntityTooLarge as error:
            raise Refused(type(error).__name__) from None
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise BadToken from None
        except (TelegramAPIError, ClientDecodeError, ClientError, OSError, *UNSENT) as error:
            unsent = isinstance(error, UNSENT) or isinstance(error.__cause__, UNSENT)
            reason = type(error.__cause__ or error).__name__
            raise Unreachable(reason, maybe_sent=not unsent) from None


def _markup(message: Outgoing) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    if shares := share_keyboard(message):
        return ReplyKeyboardMarkup.model_validate(shares)
    rows = keyboard(message)
    return InlineKeyboardMarkup.model_validate(rows) if rows else None


def _content(file: Media) -> str | InputFile:
    return file.ref or BufferedInputFile(file.content, file.name)
