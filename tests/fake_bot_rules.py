"""What the fake Bot API server lets through: the published parameter lists, and Telegram's limits.

A request is held against aiogram's model of the method and against python-telegram-bot's signature,
so that each library is checked by the other.
"""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import aiogram.methods
import telegram
from aiogram.client.default import Default
from aiogram.methods import TelegramMethod
from aiogram.types import (
    ForceReply,
    InlineKeyboardMarkup,
    InputFile,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from pydantic import BaseModel, ValidationError

NAMES = (
    "getMe",
    "getUpdates",
    "setWebhook",
    "deleteWebhook",
    "sendMessage",
    "sendPhoto",
    "sendVoice",
    "sendVideo",
    "sendAudio",
    "sendDocument",
    "sendMediaGroup",
    "sendContact",
    "sendLocation",
    "editMessageText",
    "editMessageReplyMarkup",
    "answerCallbackQuery",
    "getFile",
    "setMyCommands",
)
METHODS: dict[str, type[TelegramMethod[Any]]] = {
    name.lower(): getattr(aiogram.methods, name[0].upper() + name[1:]) for name in NAMES
}
MARKUPS = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply

MEDIA = ("photo", "voice", "video", "audio", "document")
UPLOAD_LIMIT = {"photo": 10_000_000}


class Refusal(Exception):
    """An answer other than `ok`. A `violation` is something a correct program never does."""

    def __init__(
        self, description: str, code: int = 400, *, violation: bool = False, **parameters: Any
    ) -> None:
        super().__init__(description)
        self.description = description
        self.code = code
        self.violation = violation
        self.parameters = parameters


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a multipart request."""

    name: str
    mime: str
    content: bytes


def wrong(description: str) -> Refusal:
    """A refusal that counts as a violation."""
    return Refusal(f"Bad Request: {description}", violation=True)


def units(text: str) -> int:
    """The length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def check(name: str, raw: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Any:
    """The request as aiogram's model of it. Raises `Refusal`."""
    model = METHODS.get(name.lower())
    if model is None:
        raise wrong(f"unknown method {name}")
    known = _ptb_parameters(model.__api_method__)
    given: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in model.model_fields or key not in known:
            raise wrong(f"{name} has no parameter {key}")
        given[key] = _decoded(model.model_fields[key].annotation, value)
    for key in uploads:
        if key in model.model_fields and key not in given:
            given[key] = f"attach://{key}"
    try:
        request = model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise wrong(f"{name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    _no_extras(name, request)
    _limits(request, uploads)
    return request


@cache
def _ptb_parameters(name: str) -> frozenset[str]:
    snake = re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), name)
    return frozenset(inspect.signature(getattr(telegram.Bot, snake)).parameters)


def _decoded(annotation: Any, value: Any) -> Any:
    """A form carries everything as text: read it as JSON unless the parameter is text."""
    union = typing.get_origin(annotation) in (types.UnionType, typing.Union)
    parts = set(typing.get_args(annotation)) if union else {annotation}
    if not isinstance(value, str) or parts <= {str, type(None), Default, InputFile}:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _no_extras(name: str, value: Any) -> None:
    if isinstance(value, BaseModel):
        if value.model_extra:
            raise wrong(f"{name}: unknown field {', '.join(value.model_extra)}")
        for field in type(value).model_fields:
            _no_extras(name, getattr(value, field))
    elif isinstance(value, list):
        for item in value:
            _no_extras(name, item)


def _limits(request: Any, uploads: Mapping[str, Upload]) -> None:
    name = request.__api_method__
    if hasattr(request, "text") and name != "answerCallbackQuery":
        if not request.text.strip():
            raise wrong("message text is empty")
        if units(request.text) > 4096:
            raise wrong("message is too long")
    captions = [getattr(request, "caption", None)]
    if name == "sendMediaGroup":
        captions += [item.caption for item in request.media]
        _album(request.media)
    if any(caption and units(caption) > 1024 for caption in captions):
        raise wrong("message caption is too long")
    if isinstance(getattr(request, "reply_markup", None), MARKUPS):
        _keyboard(request.reply_markup)
    if name == "sendLocation" and not (
        -90 <= request.latitude <= 90 and -180 <= request.longitude <= 180
    ):
        raise wrong("wrong location")
    if name == "sendContact" and not (request.phone_number.strip() and request.first_name.strip()):
        raise wrong("a contact has a number and a first name")
    if name == "getUpdates" and (
        not 0 <= (request.timeout or 0) <= 50
        or not 1 <= (request.limit or 100) <= 100
        or (request.offset or 0) < 0
    ):
        raise wrong("wrong timeout, limit or offset")
    _attachments(request, uploads)


def _album(items: list[Any]) -> None:
    if not 2 <= len(items) <= 10:
        raise wrong("an album has 2 to 10 items")
    kinds = {item.type for item in items}
    if len(kinds) > 1 and kinds & {"document", "audio"}:
        raise wrong("documents and audio cannot be mixed with other types")


def _keyboard(markup: MARKUPS) -> None:
    if isinstance(markup, InlineKeyboardMarkup):
        for row in markup.inline_keyboard:
            for button in row:
                kinds = button.model_dump(exclude_none=True).keys() - {"text"}
                if not button.text.strip() or len(kinds) != 1:
                    raise wrong("a button has a text and exactly one thing it does")
                if button.callback_data is not None and not (
                    1 <= len(button.callback_data.encode()) <= 64
                ):
                    raise wrong("BUTTON_DATA_INVALID")
        rows: list[Any] = list(markup.inline_keyboard)
    elif isinstance(markup, ReplyKeyboardMarkup):
        for keys in markup.keyboard:
            for key in keys:
                kinds = key.model_dump(exclude_none=True).keys() - {"text"}
                if not key.text.strip() or len(kinds) > 1:
                    raise wrong("a key has a text and at most one thing it does")
        rows = list(markup.keyboard)
    else:
        return
    if not rows or not all(rows) or sum(map(len, rows)) > 100:
        raise wrong("a keyboard has no empty row and at most 100 buttons")


def _attachments(request: Any, uploads: Mapping[str, Upload]) -> None:
    """Every upload is used exactly once, and every reference leads to one."""
    items = (
        [item.media for item in request.media]
        if request.__api_method__ == "sendMediaGroup"
        else [getattr(request, kind) for kind in MEDIA if hasattr(request, kind)]
    )
    named = [str(item).removeprefix("attach://") for item in items if "attach://" in str(item)]
    if sorted(named) != sorted(uploads):
        raise wrong("the uploads and the references to them differ")
    for upload in uploads.values():
        if not upload.content:
            raise wrong("file must be non-empty")
