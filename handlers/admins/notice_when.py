"""When a notice goes out: now, at a time in plain words, in the morning, or as an emergency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.matching import number_in
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
)
from handlers.talk import Said, Talk
from storage.names import bare
from storage.notices import settings
from storage.times import Fault, hear_moment

NOW, MORNING, EMERGENCY, LATER = "now", "morning", "emergency", "later"


@dataclass(frozen=True, slots=True)
class Start:
    """When it begins, whether it may break the quiet hours, and whether those moved it."""

    at: datetime
    emergency: bool = False
    moved: bool = False


class When(Pick):
    """One of the options, or a time that is typed (明天上午9点); a day without a time is asked for
    that. What is said for 现在 is no emergency, and nothing but its own word is."""

    def __init__(self, options: Sequence[Option], *, quiet: bool) -> None:
        also = () if quiet else (Option(NOW, ""),)
        super().__init__("notice/when", options, also, quiet=quiet, listed=bool(options))
        self._quiet = quiet

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        if picked:
            return Answered(picked.value)
        word, day = bare(said.text), (draft or {}).get("day", "")
        number = (
            None if word.endswith(tuple(talk.words("notice.of_days"))) else number_in(said.text)
        )
        if number is not None and not day:
            return super().read(said, None, talk, draft)
        if word in talk.words("notice.at_once"):
            return self._asked("night", draft) if self._quiet else Answered(NOW)
        text = said.text if number is None else talk.word("notice.o_clock").format(hour=number)
        heard = hear_moment(f"{day} {text}", talk.now, talk.zone)
        if heard.at is None and day:
            heard = hear_moment(text, talk.now, talk.zone)
        if heard.at is not None:
            return Answered(heard.at.isoformat())
        if heard.fault is Fault.NO_CLOCK:
            return Partly({"day": said.text}, Prompt("no_clock", self.facts))
        if heard.fault in (Fault.PAST, Fault.IMPOSSIBLE, Fault.UNCLEAR):
            return self._asked(heard.fault.value, None)
        return self._of_the_options(said, talk, draft)

    def _asked(self, block: str, draft: Json) -> Partly:
        return Partly(draft, Prompt(block, self.facts, self.options))

    def _of_the_options(self, said: Said, talk: Talk, draft: Json) -> Reading:
        urgent = talk.words("notice.urgent")
        if bare(said.text) in urgent and any(one.value == EMERGENCY for one in self.options):
            return Answered(EMERGENCY)
        calm = [one for one in self.options if one.value != EMERGENCY]
        return Pick(self.name, calm).read(said, None, talk, draft)

    def holds(self, stored: Json, talk: Talk) -> bool:
        if super().holds(stored, talk):
            return True
        try:
            return datetime.fromisoformat(stored) > talk.now
        except ValueError:  # an option of another time of day
            return False


def ask_when(talk: Talk) -> Start:
    """When it goes out. What would fall into the night waits for the morning; an emergency does
    not, and is asked about once more."""
    quiet = settings.rests(talk.now, talk.zone)
    answer = _ask(talk, "when", "at", (MORNING if quiet else NOW, EMERGENCY, LATER), quiet=quiet)
    if answer == EMERGENCY:
        if talk.ask("surely", Confirm("notice/surely", yes="wake_all", no="wake_not")):
            return Start(talk.now, emergency=True)
        calm = (MORNING if quiet else NOW, LATER)
        answer = _ask(talk, "when_not_urgent", "at_not_urgent", calm, quiet=quiet)
    if answer in (NOW, MORNING):
        return Start(settings.not_before(talk.now, talk.zone))
    return start_at(talk, datetime.fromisoformat(answer))


def ask_moment(talk: Talk, key: str, *, emergency: bool) -> Start:
    """A moment in plain words, out of the quiet hours but for an emergency; 马上 is now."""
    quiet = settings.rests(talk.now, talk.zone) and not emergency
    answer = talk.ask(key, When([], quiet=quiet))
    moment = talk.now if answer == NOW else datetime.fromisoformat(answer)
    return Start(moment, emergency) if emergency else start_at(talk, moment)


def start_at(talk: Talk, moment: datetime) -> Start:
    """That moment, or the morning after it where it lies in the night."""
    allowed = settings.not_before(moment, talk.zone)
    return Start(allowed, moved=allowed > moment)


class SendIt(Confirm):
    """Whether it is sent; a time that is typed (明天9点, 改到10点) is the new time, and it is asked
    once more with it."""

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        day = (draft or {}).get("day", "")
        reading = super().read(said, picked, talk, draft)
        if not isinstance(reading, Missed):
            return reading
        text = said.text.strip()
        for begins in talk.words("notice_asked.retime_begins"):
            text = text.removeprefix(begins)
        heard = hear_moment(f"{day} {text}", talk.now, talk.zone)
        if heard.at is not None:
            return Answered(heard.at.isoformat())
        if heard.fault is Fault.NO_CLOCK:
            return Partly({"day": text}, self._put("no_clock", talk))
        if heard.fault is Fault.PAST:
            return Partly(None, self._put("past", talk))
        return Missed()

    def _put(self, block: str, talk: Talk) -> Prompt:
        return Prompt(block, self.facts, self.prompt(talk, None).options)

    def holds(self, stored: Json, talk: Talk) -> bool:
        return isinstance(stored, bool) or datetime.fromisoformat(stored) > talk.now

    def words(self, stored: Json, talk: Talk) -> str:
        return super().words(stored, talk) if isinstance(stored, bool) else str(stored)


def _ask(talk: Talk, key: str, then: str, names: Sequence[str], *, quiet: bool) -> str:
    options = [Option(name, talk.word(f"notice.{name}")) for name in names]
    answer: str = talk.ask(key, When(options, quiet=quiet))
    return talk.ask(then, When([], quiet=quiet)) if answer == LATER else answer
