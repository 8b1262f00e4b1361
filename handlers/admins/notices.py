"""发通知: an admin writes one, chooses whom, sees how many and how it looks, and lets it go.

what (or a ready-made text) ▶ whom ▶ (which) ▶ 已阅? ▶ when ──quiet hours──▶ morning / emergency
                                     ┌──────────────────────┘
                                     └▶ a copy to themself, the count, confirm ──many──▶ second admin
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from handlers.admins.notice_audience import choose_audience, in_words
from handlers.admins.notice_board import ask_second_admins, show_board
from handlers.permits import may_somewhere
from handlers.questions import (
    Answered,
    Confirm,
    Json,
    Missed,
    Option,
    Partly,
    Pick,
    Prompt,
    Reading,
    Story,
)
from handlers.talk import Said, Talk, command, conversation
from storage import areas, permissions
from storage.areas import Area
from storage.dates import day_in
from storage.notices import audience, course, settings
from storage.times import time_of_day

NOW, MORNING, EMERGENCY, LATER = "now", "morning", "emergency", "later"


class Words(Story):
    """What the notice says; a ready-made text may be shown first, to be copied and filled."""

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        form = (draft or {}).get("form")
        if form:
            return Prompt("form", {"text": settings.forms()[form].text})
        prompt = super().prompt(talk, draft)
        options = [Option(one.key, one.label) for one in settings.forms().values()]
        return Prompt(prompt.block, prompt.facts, [] if draft else options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            kept = {**self.empty(), "form": picked.value}
            return Partly(kept, self.prompt(talk, kept))
        return super().read(said, None, talk, None if (draft or {}).get("form") else draft)

    def holds(self, stored: Json, talk: Talk) -> bool:
        return bool(stored["text"])


class When(Pick):
    """Now, at a time that is typed (明天上午9点), or one of the options."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        moment = moment_in(said.text, talk)
        if moment is not None:
            return Answered(moment.isoformat()) if moment > talk.now else Missed()
        return super().read(said, None, talk, draft)


def moment_in(text: str, talk: Talk) -> datetime | None:
    """The moment that a text names; a bare time of day is the next one."""
    local = talk.now.astimezone(talk.zone)
    minute = time_of_day(text.split("天")[-1].split("日")[-1].split("号")[-1])
    if minute is None:
        return None
    day = day_in(text, local.date())
    at = time(minute // 60, minute % 60)
    found = datetime.combine(day or local.date(), at, talk.zone)
    if day is None and found <= local:
        found += timedelta(days=1)
    return found


@dataclass(frozen=True, slots=True)
class Start:
    """When it begins, and whether it may break the quiet hours."""

    at: datetime
    emergency: bool


@command("notice")
def open_notice(talk: Talk) -> None:
    """发通知."""
    if may_somewhere(talk, "notice"):
        talk.begin("notice")
    else:
        talk.say("desk/not_allowed")


@conversation("notice")
def write_notice(talk: Talk) -> None:
    """From the first word to the notice that waits for its time."""
    under = widest(talk)
    if under is None:
        talk.say("desk/not_allowed")
        return
    what = talk.ask("what", Words("notice/what"))
    chosen = choose_audience(talk, under)
    wants_ack = talk.ask("ack", Confirm("notice/ack", yes="ask_ack", no="no_ack"))
    start = ask_when(talk)
    size = audience.size(talk.session, chosen, talk.now)
    many = settings.needs_approval(size.all)
    talk.say(
        "notice/sample", text=what["text"], from_whom=areas.title(talk.session, under),
        emergency=start.emergency, media=what["media"],
    )  # fmt: skip
    summary = {
        "whom": in_words(talk, chosen),
        "all": size.all,
        "reachable": size.reachable,
        "wants_ack": wants_ack,
        "at": start.at if start.at > talk.now else None,
        "emergency": start.emergency,
        "many": many,
        "staff": bool(chosen.roles),
    }
    question = Confirm("notice/confirm", yes="send_it", no="drop_it", summary=True, **summary)
    if not talk.ask("confirm", question):
        talk.say("notice/dropped")
        return
    if not permissions.allows_in(talk.session, "notice", talk.person.id, under.id, talk.now):
        talk.say("desk/not_allowed")
        return
    notice = course.write(
        talk.session,
        author_id=talk.person.id,
        area_id=under.id,
        text=what["text"],
        files=what["media"],
        audience=chosen,
        starts_at=start.at,
        now=talk.now,
        wants_ack=wants_ack,
        emergency=start.emergency,
        needs_approval=many,
    )
    if many and not ask_second_admins(talk, notice):
        talk.say("notice/no_second", number=notice.id)
    show_board(talk, notice)


def widest(talk: Talk) -> Area | None:
    """The largest area for which the speaker may send notices."""
    mine = permissions.areas_for(talk.session, "notice", talk.person.id, talk.now)
    found = [areas.get(talk.session, one) for one in mine]
    return min(found, key=lambda area: len(area.lineage), default=None)


def ask_when(talk: Talk) -> Start:
    """When it goes out; what would fall into the night is asked about."""
    allowed = settings.not_before(talk.now, talk.zone)
    quiet = allowed > talk.now
    options = [Option(LATER, talk.word("notice.later"))]
    if quiet:
        options = [
            Option(MORNING, talk.word("notice.morning")),
            Option(EMERGENCY, talk.word("notice.emergency")),
            *options,
        ]
    else:
        options = [Option(NOW, talk.word("notice.now")), *options]
    answer = talk.ask("when", When("notice/when", options, quiet=quiet, until=allowed))
    if answer == LATER:
        answer = talk.ask("at", When("notice/at", []))
    if answer == NOW:
        return Start(talk.now, emergency=False)
    if answer == MORNING:
        return Start(allowed, emergency=False)
    if answer == EMERGENCY:
        return Start(talk.now, emergency=True)
    moment = datetime.fromisoformat(answer)
    return Start(settings.not_before(moment, talk.zone), emergency=False)
