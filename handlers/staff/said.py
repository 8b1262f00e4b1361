"""What a worker says about their matters outside any talk: 2号修好了, 延期, 转给周敏, 1.

It is done, or offered first where it would reach a resident; of several it is asked which.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from handlers import relay
from handlers.matching import number_in
from handlers.permits import is_staff, may
from handlers.registry import HANDLERS, action
from handlers.relay import Words
from handlers.staff.passing import colleagues
from handlers.staff.tasks import my_tasks, show_card
from handlers.talk import Do, Talk
from handlers.views import kind_label, name_of
from storage import mediations, posts, roles, tasks, tickets, work_words
from storage.names import bare
from storage.services import likely
from storage.tickets import UNDER_WAY, Status, Ticket
from storage.work_words import DONE, RECEIVED, TRANSFER, Said

CALL_PROPERTY, MISSENT = "call_property", "missent"
OR_A_REPLY = (DONE, RECEIVED, CALL_PROPERTY)
"""What may be meant for the resident alone."""
AT_ONCE = (
    "claim", "reply", "transfer", "escalate", "return", "wait", "phone", "resolve", "later", "note",
    "story", "whistle",
)  # fmt: skip
"""What is begun without a question where one matter alone can be meant: it can be left again."""
OF_A_MATTER = (
    "claim", "reply", "transfer", "escalate", "return", "wait", "resolve", "note", "whistle", DONE,
)  # fmt: skip
"""What can be said of nothing but a matter that one has."""
PLAIN = ("wait", "phone", "note", "story", "whistle", CALL_PROPERTY)
"""Actions that take no version."""
MOST = 6
LATELY = timedelta(minutes=30)
"""For how long 发错了 is said of what was sent last."""


def heard(talk: Talk, words: Words, threads: list[Ticket]) -> bool:
    """Whether a worker's message means one of their own matters; then it is answered. threads: as
    `relay.threads` gives them."""
    mine = own_matters(talk, threads)
    if not mine:
        return False
    text = words["text"]
    if number_in(text) is not None and not words["media"]:
        if len(mine) == 1:
            show_card(talk, mine[0].id)
        else:
            my_tasks(talk)
        return True
    if _one_by_one(talk, words, mine) or _noted(talk, words, mine):
        return True
    if _of_mediation(talk, words, mine):
        return True
    by_name, mine = _said_by_name(talk, text, mine)
    said = by_name or work_words.said_of_work(text)
    if said is not None and said.kind == MISSENT:
        return _missent(talk, mine)
    fitting = [one for one in mine if _fits(said, one)] if said else []
    if said is not None and said.kind == "claim" and not fitting and said.number is None:
        my_tasks(talk)  # all of them are claimed
        return True
    if said is None or not fitting or (said.kind == RECEIVED and _answers(talk, mine)):
        return False
    if len(fitting) == 1 and said.kind in AT_ONCE:
        _begin(talk, _way(talk, said, fitting[0], words))
    else:
        _ask_which(talk, said, fitting, words, 0)
    return True


def _said_by_name(talk: Talk, text: str, mine: list[Ticket]) -> tuple[Said | None, list[Ticket]]:
    """What is said of somebody's matter by their name, and their matters; all of them for none."""
    for name in {name_of(talk.session, one.filer_id) for one in mine}:
        said = work_words.said_of_somebody(text, name) if len(name) > 1 else None
        if said is not None and said.kind != RECEIVED:
            theirs = [one for one in mine if name_of(talk.session, one.filer_id) == name]
            return said, theirs
    return None, mine


def of_ticket(talk: Talk, ticket: Ticket, words: Words) -> bool:
    """Whether a worker's words below a card, or behind its number, are for us and not for the
    resident (接单, 转给周敏, 1); then they are done. 修好了 goes to the resident, with a button."""
    text = words["text"]
    if relay.asked_it(ticket, talk.person.id) or not relay.serves(talk, ticket):
        return False
    if number_in(text) is not None and not words["media"]:
        show_card(talk, ticket.id)
        return True
    mine = own_matters(talk, relay.threads(talk))
    if _one_by_one(talk, words, mine) or _noted(talk, words, [ticket]):
        return True
    if ticket.owner_id == talk.person.id and _of_mediation(talk, words, [ticket]):
        return True
    said = work_words.said_of_work(text)
    if said is None or said.kind == DONE or said.number not in (None, ticket.id):
        return False
    if words["media"] and said.kind != "resolve":
        return False
    if said.kind == MISSENT:
        return _missent(talk, [ticket])
    if said.kind == RECEIVED:
        if ticket.status != Status.WAITING or relay.waits_for_speaker(talk, ticket):
            return False
        _ask_which(talk, said, [ticket], words, 0)
    else:
        _begin(talk, _way(talk, said, ticket, words))
    return True


def _begin(talk: Talk, way: Do) -> None:
    assert HANDLERS.permit is not None
    if HANDLERS.permit(talk, way.action, dict(way.args)):
        HANDLERS.actions[way.action](talk, **way.args)


def _one_by_one(talk: Talk, words: Words, mine: list[Ticket]) -> bool:
    """Whether a message speaks of several matters of the speaker's by number (1号好了，2号明天去).
    What is said of each stands on a button of its own: no resident reads of another's."""
    by_number = {one.id: one for one in mine}
    pieces = work_words.pieces_of(words["text"], by_number)
    if not pieces:
        return False
    ways = [_way_of_piece(talk, by_number[one.number], one.words, words) for one in pieces[:MOST]]
    talk.say("staff/one_by_one", options=[*ways, Do("new", {"story": words})])
    return True


def _noted(talk: Talk, words: Words, among: list[Ticket]) -> bool:
    """Whether the words are for colleagues (备注：钥匙在门卫); then they are kept as a note, or it
    is asked with which of these."""
    note = None if words["media"] else work_words.note_in(words["text"])
    if note is None:
        return False
    fitting = [
        one for one in among if note.number in (None, one.id) and may(talk, one, "keep_note")
    ]
    story = {**words, "text": note.text}
    ways = [
        Do("keep_note", {"ticket": one.id, "story": story}, _label(talk, "note", one))
        for one in fitting[:MOST]
    ]
    if len(ways) == 1:
        _begin(talk, ways[0])
    elif ways:
        talk.say("staff/which_note", text=note.text, options=ways)
    return bool(ways)


def _of_mediation(talk: Talk, words: Words, among: list[Ticket]) -> bool:
    """Whether a mediator says what a button of the card does (约双方, 没谈成); then it is done, or
    asked of which matter. How it ended is asked once more there: both sides hear of it."""
    said = None if words["media"] else work_words.said_of_mediation(words["text"])
    if said is None:
        return False
    fitting = [
        one for one in among if said.number in (None, one.id) and mediations.can_be_mediated(one)
    ]
    more = {"change": True} if said.kind == "write_agreement" else {}
    ways = [
        Do(said.kind, {"ticket": one.id, **more}, _label(talk, said.kind, one))
        for one in fitting[:MOST]
    ]
    if len(ways) == 1:
        _begin(talk, ways[0])
    elif ways:
        talk.say(
            "staff/which_work", text=words["text"], kind=said.kind, photos=0, number=0, about="",
            options=[*ways, Do("new", {"story": words})],
        )  # fmt: skip
    return bool(ways)


def _missent(talk: Talk, among: list[Ticket]) -> bool:
    """发错了: what a resident has read stays read; one more word can be sent. False where the
    speaker has told none of these residents anything lately."""
    for one in among:
        last = tickets.last_event(talk.session, one.id, ["replied"])
        if last is None or last.actor_id != talk.person.id or talk.now - last.at > LATELY:
            continue
        at = {"ticket": one.id, "version": one.version}
        filer = name_of(talk.session, one.filer_id)
        talk.say(
            "staff/missent", ticket=one.id, number=one.id, filer=filer, text=last.text,
            options=[Do("reply", at, _label(talk, "reply", one))],
        )  # fmt: skip
        return True
    return False


def _way_of_piece(talk: Talk, ticket: Ticket, text: str, whole: Words) -> Do:
    """The button for what is said of one ticket. An edit of the whole message changes none of
    them: its new words would be of all."""
    parts = {f"{message}#{ticket.id}": text for message in whole.get("from", {})}
    words = {**whole, "text": text, "from": parts}
    said = work_words.said_of_work(text)
    if said is not None and said.kind != RECEIVED and _fits(said, ticket):
        return _way(talk, said, ticket, words)
    label = talk.word("do.to_other").format(
        number=ticket.id, filer=name_of(talk.session, ticket.filer_id), kind=text[: relay.HINT]
    )
    return Do("to_ticket", {"ticket": ticket.id, "story": words}, label)


def without_a_matter(talk: Talk, words: Words) -> bool:
    """Whether a worker with nothing in hand says what is said of a matter (接单, 转给周敏, 修好了);
    then they hear that there is none, and which was theirs last."""
    said = None if words["media"] else work_words.said_of_work(words["text"])
    if said is None or said.kind not in OF_A_MATTER or not is_staff(talk):
        return False
    offered = [one for one in _offered(talk) if _fits(said, one)]
    if len(offered) == 1 and said.kind in AT_ONCE:
        _begin(talk, _way(talk, said, offered[0], words))
        return True
    if offered:
        _ask_which(talk, said, offered, words, 0)
        return True
    named = tickets.get(talk.session, said.number) if said.number else None
    if named is not None and may(talk, named, "card"):
        show_card(talk, named.id)
        return True
    last = tickets.last_of_party(talk.session, talk.person.id)
    if last is not None and not may(talk, last, "card"):
        last = None
    ways = [Do("card", {"ticket": last.id}, _card_label(talk, last))] if last else []
    ways.append(Do("new", {"story": words}))
    owner = name_of(talk.session, last.owner_id) if last else ""
    talk.say(
        "staff/nothing_in_hand", text=words["text"], number=last.id if last else 0, owner=owner,
        options=ways,
    )  # fmt: skip
    return True


def _offered(talk: Talk) -> list[Ticket]:
    """What the speaker may take on beside whose it is."""
    rows = tasks.of_worker(talk.session, talk.person.id)
    found = [tickets.get(talk.session, one.number) for one in rows]
    return [one for one in found if one is not None and one.status == Status.WAITING]


def _card_label(talk: Talk, ticket: Ticket) -> str:
    kind = kind_label(ticket) or talk.word("desk.a_talk")
    return talk.word("do.one").format(number=ticket.id, kind=kind)


def is_of_work(talk: Talk, words: Words, threads: list[Ticket]) -> bool:
    """Whether a worker's words are plainly about their work, and ask for nothing else."""
    return work_words.said_of_work(words["text"]) is not None and bool(own_matters(talk, threads))


def own_matters(talk: Talk, threads: list[Ticket]) -> list[Ticket]:
    """Of these, those that the speaker answers for as a worker."""
    return [
        one
        for one in threads
        if one.owner_id == talk.person.id
        and one.status in UNDER_WAY
        and not relay.asked_it(one, talk.person.id)
    ]


def _fits(said: Said, ticket: Ticket) -> bool:
    """Whether it can be said of this ticket as it stands."""
    if said.number not in (None, ticket.id):
        return False
    if said.kind in ("claim", RECEIVED):
        return ticket.status == Status.WAITING
    return ticket.status == Status.CLAIMED or said.kind != "wait"


def _answers(talk: Talk, mine: list[Ticket]) -> bool:
    """Whether 收到 answers a resident who spoke last."""
    return any(relay.waits_for_speaker(talk, one) for one in mine)


def _way(talk: Talk, said: Said, ticket: Ticket, words: Words) -> Do:
    """The button that does it to this ticket."""
    at: dict[str, Any] = {"ticket": ticket.id}
    name = "claim" if said.kind == RECEIVED else said.kind
    if said.kind == DONE:
        name, at["story"] = "resolve_with", words
    elif said.kind == "later":
        at["story"] = words
    elif said.kind == "resolve" and words["media"]:
        name, at["story"] = "resolve_with", {**words, "text": ""}
    elif name not in PLAIN:
        at["version"] = ticket.version
    if said.kind == TRANSFER and (to := _named(talk, ticket, said.who)) is not None:
        at["to"] = to
    return Do(name, at, _label(talk, said.kind, ticket))


def _named(talk: Talk, ticket: Ticket, who: str) -> int | None:
    """Which colleague is meant by a name or a role, where it is one of them alone."""
    word = bare(who)
    if not word:
        return None
    found = []
    for one in colleagues(talk, ticket):
        name = bare(name_of(talk.session, one.person_id))
        role = posts.unit_of(talk.session, one.person_id, one.role) or roles.label(one.role)
        if name in word or word in name or word in bare(role):
            found.append(one.person_id)
    return found[0] if len(found) == 1 else None


def _label(talk: Talk, kind: str, ticket: Ticket) -> str:
    return talk.word(f"work.{kind}").format(
        number=ticket.id,
        kind=kind_label(ticket) or talk.word("desk.a_talk"),
        filer=name_of(talk.session, ticket.filer_id),
    )


def _ask_which(talk: Talk, said: Said, fitting: list[Ticket], words: Words, page: int) -> None:
    """Which of them it is about; words that say it is done may also be for the resident alone."""
    ordered = _likeliest_first(fitting, words["text"], in_hand=said.kind == DONE)
    shown = ordered[page * MOST : (page + 1) * MOST]
    ways = []
    for one in shown:
        way = _way(talk, said, one, words)
        label = relay.told_apart(talk, way.label or "", one, ordered)
        ways.append(Do(way.action, way.args, label))
    if len(ordered) > (page + 1) * MOST:
        ways.append(Do("which_work", {"story": words, "page": page + 1}))
    if said.kind in OR_A_REPLY:
        ways.append(_only_reply(talk, said, ordered, words))
    ways.append(Do("new", {"story": words}))
    single = ordered[0] if len(ordered) == 1 else None
    talk.say(
        "staff/which_work", text=words["text"], kind=said.kind, photos=len(words["media"]),
        number=single.id if single else 0, about=kind_label(single) if single else "", options=ways,
    )  # fmt: skip


def _likeliest_first(among: list[Ticket], text: str, *, in_hand: bool) -> list[Ticket]:
    """Those first whose kind, or whose own words, the text names. in_hand: then what was taken on
    before what waits."""
    kinds = {kind.key for kind in likely(text)}

    def rank(one: Ticket) -> tuple[int, bool]:
        named = 2 * (one.kind in kinds) + work_words.in_common(text, one.text)
        return -named, in_hand and one.status != Status.CLAIMED

    return sorted(among, key=rank)


def _only_reply(talk: Talk, said: Said, among: list[Ticket], words: Words) -> Do:
    """The words are for the resident alone; of which matter is asked where there are several."""
    label = talk.word("do.only_reply" if said.kind == DONE else "do.just_reply")
    if len(relay.threads(talk)) == 1:
        return Do("to_ticket", {"ticket": among[0].id, "story": words}, label)
    return Do("more_threads", {"story": words, "page": 0}, label)


@action("which_work")
def more_of_them(talk: Talk, story: Words, page: int) -> None:
    """更多: the next matters that the words could be about."""
    said = work_words.said_of_work(story["text"])
    fitting = [one for one in own_matters(talk, relay.threads(talk)) if said and _fits(said, one)]
    if said and fitting:
        _ask_which(talk, said, fitting, story, page)


def as_a_note(talk: Talk, words: Words, shown: list[Ticket]) -> list[Do]:
    """Words of a worker with one matter in hand that name nothing to do may be for colleagues."""
    mine = own_matters(talk, shown)
    if len(shown) != 1 or len(mine) != 1 or not words["text"]:
        return []
    if not may(talk, mine[0], "keep_note"):
        return []
    label = _label(talk, "as_a_note", mine[0])
    return [Do("keep_note", {"ticket": mine[0].id, "story": words}, label)]


def with_a_photo(talk: Talk, words: Words, shown: list[Ticket]) -> list[Do]:
    """A photo alone from a worker with one matter in hand may be the proof that it is done."""
    mine = [one for one in own_matters(talk, shown) if one.status == Status.CLAIMED]
    if words["text"] or not words["media"] or len(mine) != 1 or not may(talk, mine[0], "resolve"):
        return []
    args = {"ticket": mine[0].id, "story": words}
    return [Do("resolve_with", args, _label(talk, DONE, mine[0]))]
