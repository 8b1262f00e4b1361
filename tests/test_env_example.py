"""`.env.example` is the manual of the settings: complete, and true to their defaults."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import SecretStr

from bot.settings import Settings

EXAMPLE = Path(__file__).parent.parent / ".env.example"
SHOWN = re.compile(r"^# ([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)


def test_every_setting_is_shown_once_with_its_default() -> None:
    shown = SHOWN.findall(EXAMPLE.read_text("utf-8"))
    assert sorted(name for name, _ in shown) == sorted(map(str.upper, Settings.model_fields))
    defaults = Settings()
    for name, value in shown:
        default = getattr(defaults, name.lower())
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        expected = str(default).lower() if isinstance(default, bool) else str(default)
        assert value == expected, name


def test_copied_as_it_is_it_changes_nothing(tmp_path: Path) -> None:
    copied = tmp_path / ".env"
    text = EXAMPLE.read_text("utf-8")
    copied.write_text(text, "utf-8")
    assert Settings(_env_file=copied) == Settings()
    # ... and with every mark of a comment taken away, too.
    copied.write_text(SHOWN.sub(r"\1=\2", text), "utf-8")
    assert Settings(_env_file=copied) == Settings()


def test_every_setting_is_explained() -> None:
    blocks = re.split(r"\n\s*\n", EXAMPLE.read_text("utf-8"))
    for block in blocks:
        if SHOWN.search(block):
            comments = SHOWN.sub("", block)
            assert re.search("[\u4e00-\u9fff]", comments), block
