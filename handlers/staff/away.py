"""临时离岗: away for an hour or for today, with somebody who stands in; and coming back."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from handlers.permits import is_staff
from handlers.questions import Answered, Json, Missed, Option, Pick, Prompt, Question, Reading
from handlers.registry import command, conversation
from handlers.staff.coming_back import back_to_work
from handlers.talk import Do, Said, Talk
from handlers.views import name_of
from storage import absences, people, posts, roles, stand_ins
from storage.times import span, time_of_day

NOBODY = 0
MOST_COLLEAGUES = 6
TODAY = "today"
HALF_A_DAY = timedelta(hours=4)


class HowLong(Question[Json]):
    """How long, in words or by a button: {"minutes"} from now, {"clock"} a minute of the day, or
    TODAY. What ends it is worked out when it begins."""

    counts = True

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        options = [
            Option({"minutes": 60}, talk.word("away.an_hour")),
            Option({"minutes": HALF_A_DAY // timedelta(minutes=1)}, talk.word("away.half_a_day")),
            Option(TODAY, talk.word("away.today")),
        ]
        return Prompt(facts=self.facts, options=options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        labels = self.prompt(talk, draft).options
        listed = Pick(self.name, labels).read(said, None, talk, draft)
        if isinstance(listed, Answered):
            return listed
        length = span(said.text)
        if length is not None:
            return Answered({"minutes": length // timedelta(minutes=1)})
        minute = time_of_day(said.text)
        return Missed() if minute is None else Answered({"clock": minute})

    def holds(self, stored: Json, talk: Talk) -> bool:
        return until(talk, stored) > talk.now

    def words(self, stored: Json, talk: Talk) -> str:
        return f"{until(talk, stored).astimezone(talk.zone):%H:%M}"


def until(talk: Talk, stored: Json) -> datetime:
    """When an absence ends that begins now."""
    today = talk.now.astimezone(talk.zone).date()
    if stored == TODAY:
        return datetime.combine(today + timedelta(days=1), time(), talk.zone)
    if "clock" in stored:
        minute = stored["clock"]
        return datetime.combine(today, time(minute // 60, minute % 60), talk.zone)
    return talk.now + timedelta(minutes=stored["minutes"])


@command("away")
def away(talk: Talk) -> None:
    """临时离岗."""
    talk.begin("away")


@conversation("away")
def step_out(talk: Talk) -> None:
    """How long, who stands in; new matters then go to them, or to the next rung."""
    length = talk.ask("long", HowLong("staff/away_long"))
    colleagues = [
        one
        for one in stand_ins.possible(talk.session, talk.person.id, talk.now)
        if people.reach(talk.session, one, prefer_staff=True) is not None
    ][:MOST_COLLEAGUES]
    options = [Option(one, _called(talk, one)) for one in colleagues]
    options.append(Option(NOBODY, talk.word("away.nobody")))
    deputy = talk.ask("deputy", Pick("staff/away_deputy", options, count=len(colleagues)))
    ends = until(talk, length)
    absence = absences.set_absence(talk.session, talk.person.id, talk.now, ends)
    absence.name_deputy(deputy or None)
    name = name_of(talk.session, deputy or None)
    if deputy != NOBODY:
        talk.tell(deputy, "staff/away_told", staff=True, name=talk.person.name, until=ends)
    talk.say(
        "staff/away",
        until=ends,
        deputy=name,
        options=[Do("back_to_work", {}, talk.word("away.back"))],
    )


def _called(talk: Talk, person_id: int) -> str:
    held = posts.posts_of(talk.session, person_id, talk.now)
    return roles.label(held[0].role) + name_of(talk.session, person_id)


@command("on_duty")
def back(talk: Talk) -> None:
    """上岗: who was away is back, as with 销假; who has no post yet shows whose chat this is."""
    if is_staff(talk):
        back_to_work(talk)
    else:
        talk.begin("bind")
