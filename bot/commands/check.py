"""`python -m bot check`: what is configured, what is missing, and whether each part answers.

Looks only: it makes no database, no key and no folder. No token and no password is ever shown.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.commands import check_places, check_telegram
from bot.commands.check_places import brief
from bot.logs import escape, mask
from bot.settings import Settings
from bot.wording import TEMPLATES, Wording
from storage import audit
from storage.database import (
    is_damaged,
    open_engine,
    sqlite_file,
    steps_behind,
    try_opening_sealed,
    try_writing,
    where,
)
from storage.vault import KeyFileError, Vault, open_vault
from storage.workdays import data_until, has_data
from storage.worker import answers

SENTENCES = "cli/check.j2"
AUDIT_LINES = 10_000
"""How many of the newest audit lines are verified; `audit --all` looks at every one."""

app = typer.Typer()


class Mark(StrEnum):
    """How a line begins."""

    OK = "✅"
    WARN = "⚠️"
    BAD = "❌"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: how grave, which sentence (a block of `SENTENCES`), and its facts."""

    mark: Mark
    sentence: str
    facts: dict[str, Any] = field(default_factory=dict)


def _ok(sentence: str, **facts: Any) -> Finding:
    return Finding(Mark.OK, sentence, facts)


def _warn(sentence: str, **facts: Any) -> Finding:
    return Finding(Mark.WARN, sentence, facts)


def _bad(sentence: str, **facts: Any) -> Finding:
    return Finding(Mark.BAD, sentence, facts)


@app.command("check")
def check() -> None:
    """Say in plain words what is set up, what is missing and what to do; exit with 1 if broken."""
    try:
        settings = Settings()
    except ValidationError as error:
        findings = [wrong_settings(error)]
    else:
        findings = [*settings_read(), *look_at_everything(settings)]
    try:
        for line in lines(findings):
            typer.echo(line)
    except TemplateError as error:
        typer.echo(f"{Mark.BAD} templates/{SENTENCES}: {error}")
        raise typer.Exit(1) from None
    if any(finding.mark is Mark.BAD for finding in findings):
        raise typer.Exit(1)


def settings_read(file: Path = Path(".env")) -> list[Finding]:
    """That they could be read; and names in `.env` that no setting has."""
    odd = check_places.unknown_settings(file)
    return [_warn("settings_unknown", **facts) for facts in odd] or [_ok("settings_ok")]


def wrong_settings(error: ValidationError) -> Finding:
    """Which settings have values that they cannot have."""
    names = sorted({str(fault["loc"][0]).upper() for fault in error.errors() if fault["loc"]})
    return _bad("settings_bad", names=names)


def cannot_start(settings: Settings) -> list[Finding]:
    """What is wrong with the settings themselves, so that nothing need be tried."""
    told = [*check_telegram.settings_fit(settings), *check_telegram.webhook(settings)]
    found = [*(Finding(Mark[m], s, f) for m, s, f in told), *_zone(settings)]
    return [finding for finding in found if finding.mark is Mark.BAD]


def cannot_open(settings: Settings) -> list[Finding]:
    """What is wrong with the database and the key file."""
    return [one for one in _database_and_key(settings) if one.mark is Mark.BAD]


def lines(findings: list[Finding], folder: Path = TEMPLATES) -> Iterator[str]:
    """The findings in words, one line each, and a last line that sums them up."""
    yield from in_words(findings, folder)
    broken = sum(finding.mark is Mark.BAD for finding in findings)
    odd = sum(finding.mark is Mark.WARN for finding in findings)
    if broken:
        last = Finding(Mark.BAD, "broken", {"count": broken})
    elif odd:
        last = Finding(Mark.WARN, "warnings", {"count": odd})
    else:
        last = _ok("all_well")
    yield from in_words([last], folder)


def in_words(findings: list[Finding], folder: Path = TEMPLATES) -> Iterator[str]:
    """The findings in words, one line each.

    Has an environment of its own, so that it can tell that the templates of the bot are broken.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701  plain text for a terminal
    )
    template = environment.get_template(SENTENCES)

    def say(sentence: str, facts: dict[str, Any]) -> str:
        # The facts are masked, not the sentence: it may show what a DATABASE_URL looks like.
        safe = {k: mask(str(v)) if isinstance(v, str | Path) else v for k, v in facts.items()}
        context = template.new_context(safe)
        return escape("".join(template.blocks[sentence](context)).strip())

    for finding in findings:
        facts = dict(finding.facts)
        if "who" in facts:
            facts["who"] = say(facts["who"], {})
        yield f"{finding.mark} {say(finding.sentence, facts)}"


def look_at_everything(settings: Settings) -> list[Finding]:
    """Every finding, in the order they are told."""
    return [
        *_database_and_key(settings),
        *_templates(settings),
        *(Finding(Mark[m], s, f) for m, s, f in check_telegram.bots(settings)),
        *(Finding(Mark[m], s, f) for m, s, f in check_telegram.webhook(settings)),
        *_time(settings),
        *(Finding(Mark[m], s, f) for m, s, f in check_places.places(settings)),
    ]


def _database_and_key(settings: Settings) -> Iterator[Finding]:
    path = settings.key_file
    vault: Vault | None = None
    damaged: Finding | None = None
    try:
        vault = open_vault(path, create=False)
    except (KeyFileError, OSError):
        damaged = _bad("key_damaged", path=path) if _is_there(path) else None
    # The structure can be looked at without a key; what is sealed can not, and is not.
    stand_in = vault or Vault([b"A" * 43 + b"="], b"")
    try:
        kind, place = where(settings.database_url)
        engine = _open_if_there(settings.database_url, stand_in)
    except (SQLAlchemyError, ValueError):  # a port that is no number is a ValueError
        yield _bad("database_url")
    except OSError as error:
        yield _bad("database_folder", where=place, reason=brief(error))
    else:
        told = {"kind": kind, "where": place}
        if engine is None:
            yield _ok("database_new", **told)
            yield damaged or _new_key(path, vault)
            return
        try:
            database = _database(engine, told)
            yield database
            if database.mark is not Mark.BAD:
                yield damaged or _key_of(engine, database, path, vault)
                if database.sentence == "database_ok" and vault:
                    yield _audit(engine)
                return
        finally:
            engine.dispose()
    # Nobody could look whether the key opens what is in there.
    yield damaged or _warn("key_unknown" if vault else "key_and_database_away", path=path)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that may not be looked into
        return True


def _new_key(path: Path, vault: Vault | None) -> Finding:
    return _key(path, sealed=False) if vault else _ok("key_new", path=path)


def _key_of(engine: Engine, database: Finding, path: Path, vault: Vault | None) -> Finding:
    """Whether the key opens what is sealed in this database, which answers."""
    if vault is None:
        tables = database.sentence in ("database_ok", "database_behind")
        missing = tables and _has_sealed(engine)
        return _bad("key_missing", path=path) if missing else _new_key(path, vault)
    try:
        sealed = try_opening_sealed(engine) if database.sentence == "database_ok" else False
    except KeyFileError:
        return _bad("key_wrong", path=path)
    return _key(path, sealed=sealed)


def _open_if_there(url: str, vault: Vault) -> Engine | None:
    """The engine of a database that is there; None for a SQLite file that is not yet."""
    file = sqlite_file(url)
    if file is not None and not file.exists():
        return None
    return open_engine(url, vault, pool_size=1)


def _database(engine: Engine, told: dict[str, Any]) -> Finding:
    try:
        answers(engine)
        behind = steps_behind(engine)
    except LookupError:
        return _bad("database_ahead", **told)
    except SQLAlchemyError as error:
        damaged = is_damaged(error)
        return _bad("database_damaged" if damaged else "database_away", reason=brief(error), **told)
    try:
        try_writing(engine)
    except SQLAlchemyError as error:
        return _bad("database_readonly", reason=brief(error), **told)
    if behind is None:
        return _ok("database_empty", **told)
    if behind:
        return _warn("database_behind", steps=behind, **told)
    return _ok("database_ok", **told)


def _audit(engine: Engine) -> Finding:
    """Whether the newest lines of the audit log are as they were written."""
    with Session(engine) as session:
        chain = audit.verify(session, newest=AUDIT_LINES)
    if not chain.whole:
        return _bad("audit_broken", line=chain.broken_at or 0)
    return _ok("audit_ok", count=chain.lines)


def _has_sealed(engine: Engine) -> bool:
    try:
        return try_opening_sealed(engine)
    except KeyFileError:
        return True
    except SQLAlchemyError:
        return False  # an older structure, which the line before has told


def _key(path: Path, *, sealed: bool) -> Finding:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return _warn("key_open", path=path, mode=f"{mode:o}")
    return _ok("key_ok" if sealed else "key_unused", path=path)


def _templates(settings: Settings, folder: Path = TEMPLATES) -> Iterator[Finding]:
    try:
        wording = Wording("Asia/Shanghai", folder)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        yield _bad("words_bad", reason=brief(error))
        return
    # The page's templates are another environment's: of those only the syntax is looked at.
    plain = Environment(autoescape=True)
    count = 0
    broken = False
    for path in sorted([*folder.rglob("*.j2"), *folder.rglob("*.html")]):
        name = path.relative_to(folder).as_posix()
        count += 1
        try:
            if name.startswith("web/"):
                plain.parse(path.read_text("utf-8"))
            else:
                wording.has_block(name.removesuffix(".j2"), "")
        except (TemplateError, UnicodeDecodeError) as error:
            broken = True
            line = getattr(error, "lineno", None) or 1
            yield _bad("templates_bad", name=name, line=line, reason=brief(error))
    if not broken:
        yield _ok("templates_ok", count=count)


def _zone(settings: Settings) -> list[Finding]:
    try:
        ZoneInfo(settings.time_zone)
    except (LookupError, ValueError, OSError):
        return [_bad("zone_bad", zone=settings.time_zone)]
    return []


def _time(settings: Settings) -> Iterator[Finding]:
    name = settings.time_zone
    if wrong := _zone(settings):
        yield from wrong
        return
    zone = ZoneInfo(name)
    today = datetime.now(zone)
    offset = re.sub(r"(\d\d)$", r":\1", today.strftime("%z"))
    usual = today.strftime("%z") == "+0800"
    yield (_ok if usual else _warn)("zone_ok" if usual else "zone_other", zone=name, offset=offset)
    yield workday_data(today.year)


def workday_data(year: int) -> Finding:
    """Whether the holidays of this year and the next are known."""
    if not has_data(year):
        return _warn("workdays_now", missing=year)
    if not has_data(year + 1):
        return _warn("workdays_next", missing=year + 1)
    return _ok("workdays_ok", until=data_until())
