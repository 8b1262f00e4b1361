"""No line of the log holds a phone number or a token, and none can be forged."""

from __future__ import annotations

import json
import logging
import sys

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot import logs

TOKEN = "123456789:AAF-Zk3hXoB2vJq9uYw8sT7rQ6pN5mL4kJ3"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    "number",
    [
        "13800138000",
        "+8613800138000",
        "+86 138 0013 8000",
        "86-138-0013-8000",
        "008613800138000",
        "138-0013-8000",
        "１３８００１３８０００",
        "0871-65123456",
        "(0871)65123456",
        "087165123456",
        "010 6512 3456".replace(" 3456", "3456"),
        "53012119900101123X",
        "530121199001011234",
        TOKEN,
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        TOKEN.replace(":", "%3A"),
        "postgresql://jmk:secret@db/x",
    ],
)
def test_what_must_not_be_written(number: str) -> None:
    masked = logs.mask(f"他说{number}，请记")
    assert "[" in masked
    for secret in ("138", "１３８", "6512", "1990", "AAF-", "secret"):
        assert secret not in masked
    assert masked.startswith("他说")
    assert masked.endswith("，请记")


@pytest.mark.parametrize(
    "harmless",
    [
        "ticket:12",
        "2026-11-23T10:00:00.123456+08:00",
        "outbox 10086, 12345, 110",
        "chat 987654321",
        "group -1001234567890",
        "update 1763862000123",
        "http://127.0.0.1:8365/",
        "3栋2单元301",
        "",
    ],
)
def test_what_may_be_written(harmless: str) -> None:
    assert logs.mask(harmless) == harmless


@given(st.text())
def test_every_text_becomes_one_line(text: str) -> None:
    escaped = logs.escape(text)
    assert len(escaped.splitlines()) <= 1
    escaped.encode("utf-8")  # no lone surrogate is left


@given(
    st.text(alphabet="0123456789 -+:abc\n１３８"), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
)
def test_a_number_anywhere_is_masked(around: str, number: str) -> None:
    assert number not in logs.mask(f"{around}x{number}x{around}")


def test_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    log = structlog.get_logger()
    log.info("伪造\n{}", phone="13800138000", number=13800138000, nested={"a": ["13800138000", 1]})
    log.debug("quiet")
    logging.getLogger("somewhere").warning("call %s at %s", "him", "13800138000")
    logging.getLogger("httpx").info("GET https://api.telegram.org/bot%s/getMe", TOKEN)
    first, second = lines(capsys)
    assert first["event"] == "伪造\\n{}"
    assert first["phone"] == first["number"] == "[phone]"
    assert first["nested"] == {"a": ["[phone]", 1]}
    assert first["level"] == "info"
    assert second["event"] == "call him at [phone]"
    assert second["logger"] == "somewhere"


def test_exceptions_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    try:
        raise ValueError(f"no such number 13800138000 for {TOKEN}")
    except ValueError as caught:
        error = caught
        structlog.get_logger().exception("it failed", error=error)
        logging.getLogger("somewhere").exception("it failed")
    for line in lines(capsys):
        assert "ValueError: no such number [phone] for [token]" in str(line["exception"])
        assert "138" not in str(line.get("error", ""))


def test_a_terminal_gets_lines_that_cannot_be_forged(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    logs.configure("INFO")
    log = structlog.get_logger()
    log.info("said", text="好\n2026-11-23 [info] all is well \x1b[31m", name="13800138000")
    try:
        raise ValueError("one\n2026-11-23 [info] two")
    except ValueError:
        log.exception("it failed")
    written = capsys.readouterr().err.splitlines()
    assert "\\x1b[31m" in written[0]
    assert "138" not in written[0]
    assert "it failed" in written[1]
    assert len(written) > 3
    assert all(line.startswith("  | ") for line in written[2:] if line)


def test_configured_twice_writes_once(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("DEBUG")
    logs.configure("WARNING")
    structlog.get_logger().warning("once")
    structlog.get_logger().info("never")
    assert [line["event"] for line in lines(capsys)] == ["once"]
