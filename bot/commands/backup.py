"""`python -m bot backup`: a copy of the database and of the page's files, also while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer

from bot.clock import system_clock
from bot.commands.house import read_settings
from bot.wording import Wording
from storage.backup import BadCopy, copy_database, copy_media
from storage.database import sqlite_file

app = typer.Typer()


@app.command("backup")
def back_up(
    folder: Annotated[Path, typer.Argument(help="Where to; made if it is not there.")],
) -> None:
    """把数据库和网页收到的文件备份到一个文件夹，运行时也可以 (a copy, also while it runs)."""
    settings = read_settings()
    wording = Wording(settings.time_zone)
    file = sqlite_file(settings.database_url)
    if file is None:
        _refuse(wording, "postgresql")
    if not file.is_file():
        _refuse(wording, "nothing", file=file)
    if folder.resolve() in (file.resolve().parent, settings.media_dir.resolve()):
        _refuse(wording, "same_folder")
    now = system_clock().astimezone(ZoneInfo(settings.time_zone))
    copy = folder / f"{file.stem}-{now:%Y-%m-%d-%H%M%S}.db"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy_database(file, copy)
        media = copy_media(settings.media_dir, folder / "media")
    except OSError as error:
        _refuse(wording, "not_written", folder=folder, reason=error.strerror or str(error))
    except BadCopy as error:
        _refuse(wording, "not_whole", file=file, reason=str(error))
    facts = {"copy": copy, "size": copy.stat().st_size, "media": media, "key": settings.key_file}
    typer.echo(wording.render("cli/backup", facts, "done"))


def _refuse(wording: Wording, block: str, **facts: object) -> NoReturn:
    typer.echo(wording.render("cli/backup", facts, block), err=True)
    raise typer.Exit(1)
