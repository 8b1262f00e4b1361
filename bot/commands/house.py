"""What commands share: opening the settings' database, and saying in words why it does not open."""

from __future__ import annotations

import typer
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings
from bot.wording import Wording
from storage.opening import open_database
from storage.vault import KeyFileError, Vault


def open_house(settings: Settings) -> tuple[Engine, Vault]:
    """The database of the settings, migrated, and its vault.

    Raises typer.Exit with 1 after saying what is wrong and what to do.
    """
    try:
        return open_database(settings.database_url, settings.key_file)
    except (KeyFileError, SQLAlchemyError) as error:
        say_why_not(Wording(settings.time_zone), error)
        raise typer.Exit(1) from None


def say_why_not(wording: Wording, error: Exception) -> None:
    """Print why database and key do not open; the database's own words may hold its password."""
    if isinstance(error, KeyFileError):
        block, trouble = "key_trouble", str(error)
    else:
        block, trouble = "database_trouble", type(error).__name__
    typer.echo(wording.render("cli/run", {"trouble": trouble}, block), err=True)
