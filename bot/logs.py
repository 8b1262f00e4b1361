"""Logging: one line a happening, for eyes on a terminal, as JSON otherwise; no personal data in it.

Code logs with ``structlog.get_logger()``; what libraries log through the standard library takes the
same way. Whatever anyone logs, phone numbers, identity numbers and bot tokens come out masked, and
nothing that was typed by a stranger can begin a line of its own.
"""

from __future__ import annotations

import logging
import re
import sys
import unicodedata
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

CHATTY = ("aiogram", "aiohttp.access", "alembic", "asyncio", "httpcore", "httpx", "telegram")
"""Libraries that tell every request (with the token in its address): warnings are enough."""

_SECRETS = (
    # A bot token, also in an address (bot123:ABC) or percent-encoded.
    (re.compile(r"(?<!\d)\d{6,12}(?::|%3[Aa])[\w-]{30,}", re.ASCII), "[token]"),
    # A password in an address.
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), "[password]"),
    # An identity card.
    (re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)", re.ASCII), "[id number]"),
    # A mobile number, however it is written; then a landline with its area code.
    (
        re.compile(r"(?<!\d)(?:(?:\+|00)?86[-\s]?)?1[3-9]\d(?:[-\s]?\d{4}){2}(?!\d)", re.ASCII),
        "[phone]",
    ),
    (re.compile(r"(?<![\d.:])\(?0\d{2,3}\)?[-\s]?[2-9]\d{6,7}(?!\d)", re.ASCII), "[phone]"),
)
_FULL_WIDTH = {0xFF10 + digit: 0x30 + digit for digit in range(10)} | {0xFF0B: "+", 0xFF0D: "-"}
_OWN_KEYS = frozenset({"level", "timestamp"})  # written by the program itself, just now


def mask(text: str) -> str:
    """`text` with whatever looks like a phone number, identity number or token taken out."""
    plain = text.translate(_FULL_WIDTH)  # as long as `text`, so that positions agree
    for pattern, instead in _SECRETS:
        if pattern.search(plain):
            text = plain = pattern.sub(instead, plain)
    return text


def escape(text: str, *, keep: str = "") -> str:
    """`text` on one line: control characters and whatever turns the reading direction, escaped."""
    if text.isprintable():
        return text
    return "".join(
        char
        if char in keep or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def _clean(value: Any, *, keep: str = "") -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        masked = mask(str(value))
        return value if masked == str(value) else masked
    if isinstance(value, Mapping):
        return {_clean(str(name)): _clean(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    return escape(mask(value if isinstance(value, str) else repr(value)), keep=keep)


def clean_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The processor that masks and escapes every value of a line; a traceback keeps its lines."""
    return {
        (name if name in _OWN_KEYS else _clean(str(name))): (
            value
            if name in _OWN_KEYS
            else _clean(value, keep="\n" if name in ("exception", "stack") else "")
        )
        for name, value in event.items()
    }


def _indent_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """On a terminal no line of a traceback may pass for a line of the log."""
    for name in ("exception", "stack"):
        if isinstance(text := event.get(name), str):
            event[name] = "  | " + text.replace("\n", "\n  | ")
    return event


def configure(level: str) -> None:
    """Set logging up for this process, on standard error. May be called again.

    level: DEBUG, INFO, WARNING or ERROR.
    """
    terminal = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    shown: list[Processor] = (
        [_indent_traceback, structlog.dev.ConsoleRenderer(exception_formatter=_already_text)]
        if terminal
        else [structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared[:-2], structlog.stdlib.add_logger_name, *shared[-2:]],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            clean_event,
            *shown,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # so that a test may configure again
    )


def _already_text(*_: Any) -> None:
    """`format_exc_info` has made text of it before it was masked."""
