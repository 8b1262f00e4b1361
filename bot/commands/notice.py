"""`python -m bot notice`: notices from the command line; the running program sends them."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.commands.house import open_house, read_settings
from bot.office import Office
from bot.settings import Settings
from bot.wording import Wording
from handlers.admins import notice_approval, notice_board
from handlers.admins.notice_audience import LATELY, in_words
from handlers.admins.notice_words import MOST_FILES
from handlers.views import name_of
from storage import addresses, areas, audit, media, people, permissions
from storage.areas import Area
from storage.media import File, MediaFolder
from storage.notices import audience, course, settings
from storage.notices.audience import Audience
from storage.notices.course import NotNow
from storage.notices.tables import Notice, NoticeState
from storage.people import Person
from storage.post_tables import Role
from storage.services import kinds
from storage.vault import Vault

group = typer.Typer(no_args_is_help=True)
app = typer.Typer()
app.add_typer(group, name="notice")


@group.callback()
def notices() -> None:
    """写通知、看进度、暂停、继续、取消 (write notices and look after them)."""


OVER = (NoticeState.DONE, NoticeState.CANCELLED)
EVERY = 1.0
"""Seconds between two looks while following."""
DATES = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]


@dataclass(slots=True)
class House:
    """What a command works with."""

    desk: Office
    vault: Vault
    settings: Settings

    @property
    def session(self) -> Session:
        """The database."""
        return self.desk.session

    def say(self, block: str, /, *, error: bool = False, **facts: Any) -> None:
        """Print a block of templates/cli/notice.j2 as it is: a notice may look like markup."""
        text = self.desk.wording.render("cli/notice", facts, block)
        Console(stderr=error, soft_wrap=True).print(text, markup=False, highlight=False)

    def refuse(self, block: str, /, **facts: Any) -> typer.Exit:
        """Say why not; what to raise."""
        self.say(block, error=True, **facts)
        return typer.Exit(1)


@contextmanager
def _house(*, reads: bool = False) -> Iterator[House]:
    """The house, its changes kept at the end. reads: nothing is changed, and no writer waits."""
    given = read_settings()
    engine, vault = open_house(given)
    bind = engine.execution_options(reads=True) if reads else engine
    with Session(bind) as session:
        desk = Office(session, system_clock(), Wording(given.time_zone))
        yield House(desk, vault, given)
        session.commit()
    engine.dispose()


@group.command("send")
def send(
    text: Annotated[str, typer.Argument(help="What it says; --file reads it from a file.")] = "",
    file: Annotated[Path | None, typer.Option(help="A UTF-8 text file with the words.")] = None,
    attach: Annotated[list[Path] | None, typer.Option(help="A photo or document.")] = None,
    area: Annotated[
        list[str] | None,
        typer.Option(help="community/compound/building; else the whole county."),
    ] = None,
    role: Annotated[list[Role] | None, typer.Option(help="The staff of this role.")] = None,
    group_: Annotated[list[str] | None, typer.Option("--group", help="A special group.")] = None,
    filed: Annotated[
        list[str] | None, typer.Option(help="Who filed on this kind in the last 90 days (a key).")
    ] = None,
    unvisited: Annotated[
        bool, typer.Option("--unvisited", help="Homes no liaison has been to this month.")
    ] = False,
    author: Annotated[
        str, typer.Option(help="The admin in whose name: name or phone; not needed for only one.")
    ] = "",
    at: Annotated[
        datetime | None, typer.Option(formats=DATES, help="Not before, in local time.")
    ] = None,
    ack: Annotated[
        bool, typer.Option("--ack", help="Ask everyone to say that it was read.")
    ] = False,
    reply: Annotated[
        bool | None,
        typer.Option("--reply/--no-reply", help="Keep what people answer; else as the words ask."),
    ] = None,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="In quiet hours too; written into the audit.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="What may have arrived is never sent again.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say whom it would reach.")
    ] = False,
) -> None:
    """写一条通知 (write a notice; the running program sends it)."""
    with _house() as house:
        if text and file:
            raise house.refuse("both")
        words, contents = _words(house, text, file), _contents(house, attach or [])
        if role and (group_ or filed or unvisited):
            raise house.refuse("clash")
        starts = house.desk.now if at is None else at.replace(tzinfo=house.desk.zone)
        if starts < house.desk.now.replace(second=0, microsecond=0):
            raise house.refuse("past", at=starts)
        places = _places(house, area or [])
        chosen = _chosen(house, places, role or [], group_ or [], filed or [], unvisited=unvisited)
        size = audience.size(house.session, chosen, house.desk.now, emergency=emergency)
        allowed = starts if emergency else settings.not_before(starts, house.desk.zone)
        many = settings.needs_approval(size.all)
        facts: dict[str, Any] = {
            "whom": in_words(house.desk, chosen), "size": size, "staff": bool(chosen.roles),
            "at": allowed if allowed > house.desk.now else None, "moved": allowed > starts,
            "other_year": _year(house, allowed) != _year(house, house.desk.now), "many": many,
        }  # fmt: skip
        house.say("size", **facts)
        if dry_run:
            return
        if not size.all:
            raise house.refuse("nobody")
        top = _common(house, places)
        notice = course.write(
            house.session, author_id=_author(house, author, top).id, area_id=top.id, text=words,
            files=_files(house, contents), audience=chosen, starts_at=allowed,
            now=house.desk.now, wants_ack=ack, emergency=emergency, once=once,
            wants_reply=settings.asks_for_replies(words) if reply is None else reply,
            needs_approval=many, by_command_line=True,
        )  # fmt: skip
        asked = notice_approval.ask_second_admins(house.desk, notice) if many else []
        house.say("written", number=notice.id, many=many, asked=asked)


@group.command("list")
def list_(most: Annotated[int, typer.Option(min=1, help="How many.")] = 20) -> None:
    """最近的通知 (the newest notices)."""
    with _house(reads=True) as house:
        county = areas.county(house.session)
        found = course.recent(house.session, [county.id], most) if county else []
        for one in reversed(found):
            author = name_of(house.session, one.author_id)
            house.say("line", author=author, **notice_board.facts(house.desk, one))
        if not found:
            house.say("none")


@group.command("show")
def show(
    number: Annotated[int, typer.Argument(metavar="ID")],
    follow: Annotated[
        bool | None,
        typer.Option("--follow/--no-follow", help="Stay until it is over; so at a terminal."),
    ] = None,
) -> None:
    """一条通知的进度，发的时候一直看着 (how far one is; follows it while it goes out)."""
    console = Console()
    with _house(reads=True) as house:
        notice = _notice(house, number, held=False)
        goes_on = notice.state not in OVER
        if goes_on and (console.is_terminal if follow is None else follow):
            _follow(house, notice, console, time.sleep)
        house.say("board", board=_board(house, notice))


def _follow(house: House, notice: Notice, console: Console, pause: Callable[[float], None]) -> None:
    bar = Progress(
        TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(),
        MofNCompleteColumn(), TextColumn("{task.fields[left]}", markup=False), console=console,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=None, left="")
        while notice.state not in OVER:
            house.desk.now = system_clock()
            facts = notice_board.facts(house.desk, notice)
            tally = facts["tally"]
            shown = house.desk.wording.render("cli/notice", facts, "following").split("\n")
            bar.update(
                task,
                description=shown[0],
                left=shown[1] if len(shown) > 1 else "",
                total=tally.all if tally else None,
                completed=tally.all - tally.waiting if tally else 0,
            )
            house.session.rollback()  # nothing was written; the next look is to see what is new
            pause(EVERY)
            house.session.refresh(notice)
        facts = notice_board.facts(house.desk, notice)
        tally = facts["tally"]
        if tally:
            bar.update(task, total=tally.all, completed=tally.all - tally.waiting, left="")


@group.command("pause")
def pause(number: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """暂停 (stop after what is on its way)."""
    _change(number, "pause", lambda house, notice: course.pause(house.session, notice))


@group.command("resume")
def resume(number: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """继续，或者取消以后发给剩下的 (go on; after a cancel, send to the rest)."""
    _change(number, "resume", lambda house, notice: course.resume(house.session, notice))


@group.command("cancel")
def cancel(number: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """取消 (send nothing more of it)."""
    _change(
        number, "cancel", lambda house, notice: course.cancel(house.session, notice, house.desk.now)
    )


@group.command("approve")
def approve(
    number: Annotated[int, typer.Argument(metavar="ID")],
    now: Annotated[bool, typer.Option("--now", help="its time has passed: send it now")] = False,
) -> None:
    """没有另一位管理员时，由管电脑的人同意 (agree where there is no second admin; audited).

    Refused where its time has passed meanwhile, unless --now says that its words still hold.
    """

    def agree(house: House, notice: Notice) -> None:
        if not now and notice.proposal is None and course.is_late(notice, house.desk.now):
            raise house.refuse("late", number=number, at=notice.starts_at, text=notice.text)
        course.approve(house.session, notice, None, house.desk.now)

    _change(number, "approve", agree)


def _change(number: int, what: str, change: Callable[[House, Notice], None]) -> None:
    with _house() as house:
        notice = _notice(house, number)
        try:
            change(house, notice)
        except NotNow:
            raise house.refuse("not_now", number=number, state=notice.state) from None
        if what != "approve":  # which writes a line of its own
            audit.note(house.session, house.desk.now, None, f"notice_{what}", f"notice:{number}")
        course.draw_soon(notice, house.desk.now)
        house.say("changed", number=number, what=what)


def _notice(house: House, number: int, *, held: bool = True) -> Notice:
    take = course.take if held else course.look
    notice = take(house.session, number)
    if notice is None:
        raise house.refuse("unknown", number=number)
    return notice


def _board(house: House, notice: Notice) -> str:
    return house.desk.wording.render("notice/board", notice_board.facts(house.desk, notice))


def _words(house: House, text: str, file: Path | None) -> str:
    try:
        words = (file.read_text("utf-8-sig") if file else text).strip()
    except (OSError, UnicodeDecodeError):
        raise house.refuse("no_file", path=file) from None
    blanks = settings.blanks_left(words)
    long = settings.units(words)
    if not words or blanks or long > settings.most_units():
        raise house.refuse("words", blanks=blanks, long=long, most=settings.most_units())
    return words


def _places(house: House, paths: Sequence[str]) -> list[Area]:
    county = areas.county(house.session)
    if county is None:
        raise house.refuse("no_area", area="")
    found = []
    for path in paths:
        area = addresses.resolve_path(house.session, path)
        if area is None:
            raise house.refuse("no_area", area=path)
        found.append(area)
    return found or [county]


def _common(house: House, places: Sequence[Area]) -> Area:
    """The smallest area around all of them, in whose name it is written."""
    lineages = [area.lineage for area in places]
    shared = [steps[0] for steps in zip(*lineages, strict=False) if len(set(steps)) == 1]
    return areas.get(house.session, shared[-1])


def _chosen(
    house: House,
    places: Sequence[Area],
    roles: Sequence[Role],
    groups: Sequence[str],
    filed: Sequence[str],
    *,
    unvisited: bool,
) -> Audience:
    unknown = [key for key in filed if key not in kinds()]
    if unknown:
        raise house.refuse("no_kind", unknown=unknown, known=sorted(kinds()))
    there = {one for area in places for one in audience.groups_in(house.session, area.path)}
    missing = [group for group in groups if group not in there]
    if missing:
        raise house.refuse("no_group", unknown=missing, known=sorted(there))
    month = settings.month_began(house.desk.now, house.desk.zone)
    return Audience(
        tuple(area.id for area in places),
        roles=tuple(role.value for role in roles),
        groups=tuple(groups),
        kinds=tuple(filed),
        since=house.desk.now - LATELY if filed else None,
        unvisited_since=month if unvisited else None,
    )


def _author(house: House, named: str, area: Area) -> Person:
    """The admin of that area who is named, or the only one there is."""
    may = permissions.who_may(house.session, "notice", area.id, house.desk.now)
    if named:
        found = [one for one in people.called(house.session, named) if one.id in may]
    else:
        found = [house.session.get_one(Person, one) for one in may]
    if len(found) != 1:
        names = [name_of(house.session, one) for one in may]
        raise house.refuse("author", named=named, names=names)
    return found[0]


def _year(house: House, at: datetime) -> int:
    return at.astimezone(house.desk.zone).year


def _contents(house: House, paths: Sequence[Path]) -> list[tuple[Path, bytes]]:
    """What is to go with it, read before anything is written; an empty file no platform takes."""
    if len(paths) > MOST_FILES:
        raise house.refuse("too_many_files", most=MOST_FILES, number=len(paths))
    found = []
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            raise house.refuse("no_file", path=path) from None
        if not content:
            raise house.refuse("empty_file", path=path)
        found.append((path, content))
    return found


def _files(house: House, contents: Sequence[tuple[Path, bytes]]) -> list[int]:
    folder = MediaFolder(house.settings.media_dir, house.vault)
    kept = []
    for path, content in contents:
        mime = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        kind = "photo" if mime in ("image/jpeg", "image/png") else "document"
        kept.append(File(kind, "web", folder.keep(content), path.name, mime, len(content)))
    return media.remember(house.session, tuple(kept))
