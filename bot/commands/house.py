"""What commands share: reading the settings, opening their database, saying in words why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import typer
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings
from bot.wording import Wording
from storage.opening import open_database
from storage.vault import KeyFileError, Vault

if TYPE_CHECKING:  # imported where something is wrong: it asks Telegram, and commands start quickly
    from bot.commands.check import Finding


def read_settings(*, starts: bool = False) -> Settings:
    """The settings; those of a program that `starts` must fit together as well.

    Raises typer.Exit with 1 after saying what is wrong with them.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        from bot.commands import check

        refuse([check.wrong_settings(error)])
    if starts or not _is_known(settings.time_zone):
        from bot.commands import check

        if wrong := check.cannot_start(settings):
            refuse(wrong)
    return settings


def _is_known(time_zone: str) -> bool:
    try:
        ZoneInfo(time_zone)
    except (LookupError, ValueError, OSError):
        return False
    return True


def open_house(settings: Settings) -> tuple[Engine, Vault]:
    """The database of the settings, migrated, and its vault.

    Raises typer.Exit with 1 after saying what is wrong and what to do.
    """
    try:
        return open_database(settings.database_url, settings.key_file)
    except Exception as error:
        say_why_not(settings, error)


def refuse(findings: list[Finding]) -> NoReturn:
    """Say what `check` found, and end with 1."""
    from bot.commands import check

    for line in check.in_words(findings):
        typer.echo(line, err=True)
    raise typer.Exit(1)


def say_why_not(settings: Settings, error: Exception) -> NoReturn:
    """Say why database and key do not open, and end with 1; the database's own words may hold its
    password. Raises the error itself when it is none of theirs."""
    from bot.commands import check

    if wrong := check.cannot_open(settings):
        refuse(wrong)
    if isinstance(error, OSError):
        block, trouble = "file_trouble", f"{error.filename or ''}：{error.strerror}"
    elif isinstance(error, KeyFileError):
        block, trouble = "key_trouble", str(error)
    elif isinstance(error, SQLAlchemyError):
        block, trouble = "database_trouble", type(error).__name__
    else:
        raise error
    words = Wording(settings.time_zone).render("cli/run", {"trouble": trouble}, block)
    typer.echo(words, err=True)
    raise typer.Exit(1) from None
