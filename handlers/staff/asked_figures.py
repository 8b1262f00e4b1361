"""Figures in one's own words: 上个月三率, 去年, 导出, 超时的有哪些, 各社区排名."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from handlers.permits import is_staff, may_somewhere
from handlers.staff.figures import places
from handlers.staff.spans import days_of, stored, today, typed
from handlers.talk import Talk
from handlers.views import name_of
from storage import areas, permissions, posts
from storage.figures import RATES, SHARES
from storage.names import bare, digits
from storage.periods import Period, period_in
from storage.pieces import rest
from storage.posts import Post

MOST = 30
"""Characters of a question for figures; who writes more tells something."""
WAYS: dict[str, dict[str, Any]] = {
    "overdue": {"view": "list", "key": "overdue", "part": "n"},
    "open": {"view": "list", "key": "open", "part": "n"},
    "unsatisfied": {"view": "list", "key": "satisfaction", "part": "missed"},
    "by_worker": {"view": "by", "by": "worker"},
    "by_service": {"view": "by", "by": "service"},
    "by_period": {"view": "by", "by": "period"},
    "by_area": {"view": "by", "by": "area"},
    "workbook": {"view": "workbook"},
    "figures": {"view": "picture"},
}
"""What is shown, by the words of ``[asked_figures]`` in templates/words.toml that ask for it; the
first whose words are said."""
SLOWEST = {"view": "slowest"}
"""哪个社区最慢: of the last `LATELY` days where no time is said."""
LATELY = 30


def asked_for(talk: Talk, text: str) -> bool:
    """Whether a worker's plain message asks for figures and says nothing more; then they are
    counted. A time alone is enough from who has the figures of others, or is asked for one."""
    if len(text) > MOST or not is_staff(talk):
        return False
    if _asks_what_it_means(talk, text) or _asks_how_many_homes(talk, text):
        return True
    period = _period(text, today(talk))
    left = period.rest if period else bare(digits(text))
    of = _worker_spoken_of(talk, text)
    if of is not None:
        left = _without(
            talk, "of_worker", left.replace(bare(name_of(talk.session, of.person_id)), "")
        )
    where, left = _place(talk, left)
    left = rest(left, ())  # as it is compared
    other = period_in(left, today(talk)) if period else None
    if other is not None and _without(talk, "compare", "figures", "around", other.rest) == "":
        _two_times(talk, period, other, where)
        return True
    way = next((one for one in WAYS if _without(talk, one, left) != left), "")
    slowest = way == "by_area" and _without(talk, "slow", left) != left
    if _without(talk, "around", *WAYS, left):
        return False
    alone = talk.under_way == "report" or may_somewhere(talk, "figures_by_worker")
    if not (way or of is not None or (period and alone)):
        return False
    if of is not None:
        _of_a_worker(talk, of, way, period)
        return True
    if way == "by_worker" and not may_somewhere(talk, "figures_by_worker"):
        return False
    what = SLOWEST if slowest else WAYS[way or "figures"]
    if period:
        when = stored(period.first, period.last)
    elif slowest:
        when = stored(today(talk) - timedelta(days=LATELY - 1), today(talk))
    else:
        when = _of_late(today(talk)) if what["view"] == "list" else ""
    answers = {key: one for key, one in (("when", when), ("where", where)) if one}
    talk.begin("report", answers=answers, what=what, plain=True)
    return True


def _two_times(talk: Talk, one: Period | None, other: Period, where: int) -> None:
    """上周和这周比: the figures of both, each with what it is of."""
    assert one is not None  # the caller looked
    since, until = days_of(stored(other.first, other.last), talk.now, talk.zone)
    what = {"view": "compare", "other": {"since": since.isoformat(), "until": until.isoformat()}}
    answers: dict[str, Any] = {"when": stored(one.first, one.last)}
    if where:
        answers["where"] = where
    talk.begin("report", answers=answers, what=what, plain=True)


def _asks_how_many_homes(talk: Talk, text: str) -> bool:
    """多少户注册了: of how many, and where."""
    where, left = _place(talk, bare(digits(text)))
    asked = _without(talk, "registered", left)
    if asked == rest(left, ()) or _without(talk, "around", asked):
        return False
    if not may_somewhere(talk, "figures"):
        return False
    day = today(talk)
    answers: dict[str, Any] = {"when": stored(day, day), **({"where": where} if where else {})}
    talk.begin("report", answers=answers, what={"view": "homes"}, plain=True)
    return True


def _worker_spoken_of(talk: Talk, text: str) -> Post | None:
    """The one worker whose name stands in the text and whose figures the speaker may read."""
    if not may_somewhere(talk, "figures_by_worker"):
        return None
    found = [
        post for post in posts.named_in(talk.session, text, talk.now)
        if post.person_id != talk.person.id
        and permissions.allows_in(
            talk.session, "figures_by_worker", talk.person.id, post.area_id, talk.now
        )
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _of_a_worker(talk: Talk, of: Post, way: str, period: Period | None) -> None:
    """李建国办得咋样: their figures in the place of the speaker's that they serve in; of this month
    where no time is said."""
    what = WAYS["figures" if not way or way.startswith("by_") else way]
    day = today(talk)
    if period:
        when = stored(period.first, period.last)
    elif what["view"] == "list":
        when = _of_late(day)
    else:
        when = stored(day.replace(day=1), day)
    lineage = areas.get(talk.session, of.area_id).lineage
    own = permissions.areas_for(talk.session, "figures_by_worker", talk.person.id, talk.now)
    area = max((one for one in own if one in lineage), key=lineage.index, default=of.area_id)
    who = {"worker": of.person_id, "area": area}
    talk.begin("report", answers={"when": when}, what=what, plain=True, **who)


def _asks_what_it_means(talk: Talk, text: str) -> bool:
    """三率是什么意思, 解决率怎么算的: what each figure is of."""
    said, asked = bare(text), talk.words("asked_means.words")
    left = rest(said, asked)
    if left == rest(said, ()):
        return False
    keys = [key for key in (*RATES, *SHARES) if talk.word(f"figure.{key}") in said]
    everything = [one for one in talk.words("asked_means.all") if one in said]
    around = talk.words("asked_means.around")
    labels = [*everything, *(talk.word(f"figure.{key}") for key in keys)]
    if not labels or rest(left, [*labels, *around]):
        return False
    talk.say("report/means", keys=keys or list(RATES))
    return True


def _period(text: str, day: date) -> Period | None:
    days = typed(text, day)
    return Period(*days, "") if days else period_in(text, day)


def _of_late(day: date) -> str:
    """This year and the last: what is still open is hardly ever older."""
    return stored(date(day.year - 1, 1, 1), date(day.year, 12, 31))


def _place(talk: Talk, text: str) -> tuple[int, str]:
    """The place of the speaker's that is named, 0 for none; and what else is said."""
    shown, beneath = places(talk)
    for option in sorted((*shown, *beneath), key=lambda one: -len(one.label)):
        name = bare(digits(option.label))
        if name and name in text:
            return int(option.value), text.replace(name, "", 1)
    return 0, text


def _without(talk: Talk, *lists_and_text: str) -> str:
    """A text without the words of some lists, which come before it."""
    *lists, text = lists_and_text
    words = (word for name in lists for word in talk.words(f"asked_figures.{name}"))
    return rest(text, [digits(word) for word in words])
