"""免打扰: from when until when what can wait waits for the morning."""

from __future__ import annotations

from handlers.questions import Answered, Json, Missed, Option, Pick, Prompt, Question, Reading
from handlers.registry import command, conversation
from handlers.talk import Do, Said, Talk
from storage import quiet_hours
from storage.quiet_hours import DEFAULT, Quiet
from storage.times import spans_of_the_day, time_of_day


def clock(minute: int) -> str:
    """A minute of the day as it stands on a clock (7:30)."""
    return f"{minute // 60}:{minute % 60:02d}"


class TimeOfDay(Question[int]):
    """A time of day; the answer is its minute, 0 to 1439. options: times that need no typing."""

    counts = True

    def __init__(self, name: str, /, options: tuple[int, ...], **facts: Json) -> None:
        super().__init__(name, **facts)
        self._options = [Option(minute, clock(minute)) for minute in options]

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        return Prompt(facts=self.facts, options=self._options)

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        minute = picked.value if picked else time_of_day(said.text)
        return Missed() if minute is None else Answered(minute)

    def words(self, stored: Json, talk: Talk) -> str:
        return clock(stored)


class Way(Pick):
    """One of the ways, or the hours themselves (晚上八点到早上八点): a pair of minutes."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        reading = super().read(said, picked, talk, draft)
        found = spans_of_the_day(said.text) if isinstance(reading, Missed) else None
        return Answered(list(found)) if found else reading

    def holds(self, stored: Json, talk: Talk) -> bool:
        return isinstance(stored, list) or super().holds(stored, talk)

    def words(self, stored: Json, talk: Talk) -> str:
        if isinstance(stored, list):
            return " – ".join(map(clock, stored))
        return super().words(stored, talk)


@command("quiet")
def quiet(talk: Talk) -> None:
    """免打扰."""
    talk.begin("quiet")


@conversation("quiet")
def set_quiet_hours(talk: Talk) -> None:
    """The usual ones, other ones, or none."""
    usual = talk.word("quiet.usual").format(begins=clock(DEFAULT.begins), ends=clock(DEFAULT.ends))
    ways = [
        Option("usual", usual),
        Option("other", talk.word("quiet.other")),
        Option("off", talk.word("quiet.off")),
    ]
    now = quiet_hours.of(talk.session, talk.person.id)
    shown = (clock(now.begins), clock(now.ends)) if now else None
    way = talk.ask("way", Way("staff/quiet_way", ways, now=shown))
    chosen: Quiet | None = DEFAULT
    if isinstance(way, list):
        chosen = Quiet(*way)
    elif way == "other":
        begins = talk.ask("begins", TimeOfDay("staff/quiet_begins", (20 * 60, 21 * 60, 22 * 60)))
        ends = talk.ask("ends", TimeOfDay("staff/quiet_ends", (6 * 60 + 30, 7 * 60 + 30, 8 * 60)))
        chosen = Quiet(begins, ends)
    elif way == "off":
        chosen = None
    quiet_hours.put(talk.session, talk.person.id, chosen, talk.now)
    kept = quiet_hours.of(talk.session, talk.person.id)
    talk.say(
        "staff/quiet_kept",
        kept=(clock(kept.begins), clock(kept.ends)) if kept else None,
        options=[Do("quiet", {}, talk.word("quiet.again"))],
    )
