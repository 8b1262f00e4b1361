"""Every sentence a person reads: the templates, compiled once, and the words of the buttons."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from storage.names import bare, simplify

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def unwrapped(text: str) -> str:
    """Words without what people put around them: simplified, no spaces, no closing mark."""
    return simplify(text).strip(" 。.!！~,，?？、/").replace(" ", "")


class Wording:
    """Renders templates to plain text. Not HTML: channels show text as it is, so nothing in it
    can be markup. Only `templates/web/`, which has an environment of its own, is HTML."""

    def __init__(self, time_zone: str, folder: Path = TEMPLATES) -> None:
        self.zone = ZoneInfo(time_zone)
        self._env = Environment(
            loader=FileSystemLoader(folder),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # noqa: S701  plain text, see above
            auto_reload=False,
            cache_size=-1,
        )
        self._env.filters["when"] = self._when
        self._env.filters["day"] = self.day
        self._env.filters["weekday"] = _weekday
        self._env.filters["brief"] = _brief
        self._env.filters["percent"] = percent
        self._words: dict[str, Any] = tomllib.loads((folder / "words.toml").read_text("utf-8"))
        reasons = tomllib.loads((folder / "import" / "reasons.toml").read_text("utf-8"))
        self._words["reason"] = reasons  # what is wrong with a row is said in a chat too
        self._env.globals["word"] = self.word
        self._compiled: dict[str, Template] = {}
        self._lists: dict[str, tuple[str, ...]] = {}

    def render(self, name: str, facts: dict[str, Any], block: str | None = None) -> str:
        """The template `name` (``request/what``), or one block of it, as text.

        Raises jinja2.TemplateError when it does not exist or a fact is missing.
        """
        template = self._compiled.get(name)
        if template is None:
            template = self._compiled[name] = self._env.get_template(f"{name}.j2")
        if block is None:
            return template.render(facts).strip()
        context = template.new_context(facts)
        return "".join(template.blocks[block](context)).strip()

    def has_block(self, name: str, block: str) -> bool:
        """Whether the template has a block of this name."""
        return block in self._env.get_template(f"{name}.j2").blocks

    def word(self, key: str) -> str:
        """The word behind a dotted key of words.toml; a list is given joined by spaces."""
        found = self._find(key)
        return " ".join(found) if isinstance(found, list) else str(found)

    def words(self, key: str) -> tuple[str, ...]:
        """The words of a list, as what is said is compared with them (`names.bare`)."""
        if key not in self._lists:
            found = self._find(key)
            listed = found if isinstance(found, list) else str(found).split()
            # Of a thumb or a full stop nothing would be left.
            self._lists[key] = tuple(bare(one) or one for one in listed)
        return self._lists[key]

    def _find(self, key: str) -> Any:
        found: Any = self._words
        for part in key.split("."):
            found = found[part]
        return found

    def section(self, key: str) -> dict[str, list[str]]:
        """A table of words.toml whose values are lists of words."""
        return dict(self._words[key])

    def _when(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{local.month}月{local.day}日 {local:%H:%M}"

    def day(self, moment: datetime) -> str:
        """A day here, as it is written in figures (2026.3.31)."""
        local = moment.astimezone(self.zone)
        return f"{local.year}.{local.month}.{local.day}"


def percent(share: float | None) -> str:
    """A share as people read it (92.3%); a dash where there is nothing to divide by. What is not
    all is never 100.0%, and what is not nothing never 0.0%."""
    if share is None:
        return "—"
    if 0 < share < 0.0005:
        return "<0.1%"
    return "99.9%" if 0.9995 <= share < 1 else f"{share * 100:.1f}%"


def _weekday(day: date) -> str:
    """A day with its weekday (12月1日周二)."""
    return f"{day.month}月{day.day}日周{'一二三四五六日'[day.weekday()]}"


def _brief(text: str, most: int = 20) -> str:
    """The first words of a longer text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
