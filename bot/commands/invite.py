"""`python -m bot invite`: a one-time invitation for somebody in the county's list."""

from __future__ import annotations

import sys
from typing import Annotated

import segno
import typer
from sqlalchemy.orm import Session

from bot.clock import system_clock
from bot.commands.check_telegram import bot_username
from bot.commands.house import open_house, read_settings
from bot.settings import Settings
from bot.wording import Wording
from storage import audit, invitations, posts
from storage.binding import listed

app = typer.Typer()


@app.command("invite")
def invite(
    phone: Annotated[str, typer.Argument(metavar="PHONE", help="The listed phone number.")],
) -> None:
    """给名单上的人发一次性邀请：邀请码、链接和二维码 (a one-time invitation)."""
    settings = read_settings()
    wording = Wording(settings.time_zone)
    engine, _ = open_house(settings)
    now = system_clock()
    with Session(engine) as session, session.begin():
        person = listed(session, phone, now)
        if person is None:
            typer.echo(wording.render("cli/invite", {}, "unknown"), err=True)
            raise typer.Exit(1)
        staff = bool(posts.posts_of(session, person.id, now))
        name = person.name
        code = invitations.make(session, person.id, now, settings.invitation_days)
        audit.note(session, now, None, "invite", f"person:{person.id}")
    engine.dispose()
    for title, link in _links(settings, code, staff=staff):
        shown = {"title": title, "link": link, "name": name}
        typer.echo(wording.render("cli/invite", shown, "link"))
        segno.make(link, error="m").terminal(out=sys.stdout, compact=True)
    if not settings.public_url:
        typer.echo(wording.render("cli/invite", {}, "only_here"))
    facts = {"code": code, "days": settings.invitation_days, "name": name}
    typer.echo(wording.render("cli/invite", facts, "code"))


def _links(settings: Settings, code: str, *, staff: bool) -> list[tuple[str, str]]:
    """Where the code can be shown by one touch: (which way, address)."""
    links = []
    token = settings.telegram_token
    if staff and settings.telegram_staff_token.get_secret_value():
        token = settings.telegram_staff_token
    if token.get_secret_value():
        username = bot_username(settings, token)
        if username:
            links.append(("telegram", f"https://t.me/{username}?start={code}"))
    page = settings.public_url or f"http://{settings.web_host}:{settings.web_port}"
    links.append(("web", f"{page.rstrip('/')}/join/{code}"))
    return links
