"""What must hold whatever is said, in whatever order: properties of the engine and its tools."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import handlers
from bot.conversation import Engine as Conversations
from bot.intake import Intake, _SeenBefore
from bot.messages import Address, Incoming
from bot.speaking import split, utf16_length
from bot.wording import Wording
from handlers.matching import choose, number_in
from storage import shown
from storage.conversations import Conversation
from storage.database import migrate, open_engine
from storage.inbox import InboundMessage
from storage.outbox import OutboundMessage
from storage.people import Account, Person
from storage.tickets import OPEN, Status, Ticket, TicketEvent, TicketRating, parties
from storage.vault import Vault
from tests import quick
from tests.conversations import county

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CAST = (county.RESIDENT, county.NEIGHBOUR, county.GRID_WORKER, county.LIAISON)
PASSED_ON = ("transferred", "escalated", "returned", "climbed", "stepped_in", "reopened")
WORDS = {
    0: (
        "楼道灯不亮了",
        "下水道冒水了",
        "1",
        "2",
        "返回",
        "我的诉求",
        "转人工",
        "取消",
        "好的谢谢您",
    ),
    1: ("我的任务", "1", "2", "马上来看看", "返回", "取消", "已经换好了新的"),
}


@dataclass
class Scene:
    """Two residents and two workers, and an intake with no threads around it."""

    session: Session
    intake: Intake
    now: datetime = START
    count: int = 0
    said: list[tuple[str, str]] = field(default_factory=list)
    events: list[Incoming] = field(default_factory=list)
    mine: dict[int, dict[str, str]] = field(default_factory=dict)
    """What each message of a person says now."""

    def take(self, incoming: Incoming) -> None:
        """One message, one transaction."""
        self.now += timedelta(seconds=20)
        try:
            with self.session.begin_nested():
                self.intake._take(self.session, incoming, self.now)
        except _SeenBefore:
            pass
        self.session.expire_all()

    def hear(self, who: int, message_id: str = "", **content: Any) -> None:
        self.count += 1
        message_id = message_id or f"m{self.count}"
        event = f"e{self.count}"
        incoming = Incoming(Address("scripted", f"c{who}"), event, message_id, **content)
        if "pressed" not in content:
            self.mine.setdefault(who, {})[message_id] = content["text"]
        self.events.append(incoming)
        self.take(incoming)

    def say(self, who: int, words: str, **content: Any) -> None:
        """Words that can be found again, unless they are a word of the program's own."""
        if number_in(words) is None and len(words) > 4:
            words = self.marked(who, words)
            self.hear(who, text=words, **content)
            assert self.kept(words) or self.admitted(who), f"lost: {CAST[who]} said {words}"
        else:
            self.hear(who, text=words, **content)

    def marked(self, who: int, words: str) -> str:
        words = f"{words}〔{self.count}〕"
        self.said.append((CAST[who], words))
        return words

    def reply(self, who: int, back: int, words: str) -> None:
        """A reply to one of the latest messages that show a ticket: in that one, or in none."""
        rows = self.session.scalars(
            select(OutboundMessage)
            .where(OutboundMessage.chat == f"c{who}", OutboundMessage.ticket_id.is_not(None))
            .order_by(OutboundMessage.id.desc())
            .limit(6)
        ).all()
        if not rows or len(words) <= 4 or number_in(words) is not None:
            return
        row = rows[back % len(rows)]
        assert row.ticket_id is not None
        shown.tie(self.session, "scripted", row.chat, f"s{row.id}", row.ticket_id)
        self.say(who, words, reply_to=f"s{row.id}")
        _, marked = self.said[-1]
        where = {event.ticket_id for event in self.happened() if marked in event.text}
        is_open = self.session.get_one(Ticket, row.ticket_id).status in OPEN
        assert where == {row.ticket_id} or (not where and not is_open and self.kept(marked))

    def edit(self, who: int, back: int, words: str) -> None:
        """An edit of one of the latest messages: kept beside the old words, or offered."""
        mine = [*self.mine.get(who, {}).items()]
        if not mine:
            return
        message_id, old = mine[-1 - back % len(mine)]
        words = self.marked(who, words)
        before = {event.id: (event.ticket_id, event.text) for event in self.happened()}
        self.hear(who, message_id, text=words, edited_at=self.now)
        assert self.kept(words), f"lost: {CAST[who]} changed {old} into {words}"
        after = {event.id: (event.ticket_id, event.text) for event in self.happened()}
        assert before.items() <= after.items(), "what happened is never changed"
        had = {ticket_id for ticket_id, text in before.values() if old in text}
        has = {ticket_id for ticket_id, text in after.values() if words in text}
        assert has <= had, "an edit goes only where the old words are"

    def happened(self) -> list[TicketEvent]:
        return list(self.session.scalars(select(TicketEvent)))

    def kept(self, words: str) -> bool:
        """Whether the words stand in a ticket, an answer, a remark, or what a button would do."""
        rows = self.session.scalars(select(OutboundMessage)).all()
        buttons = [str([c["args"] for c in row.payload.get("choices", [])]) for row in rows]
        states = [str(row.state) for row in self.session.scalars(select(Conversation))]
        events = [event.text for event in self.session.scalars(select(TicketEvent))]
        remarks = [rating.remark for rating in self.session.scalars(select(TicketRating))]
        return any(words in text for text in (*events, *states, *remarks, *buttons))

    def admitted(self, who: int) -> bool:
        """Whether the bot said, just now, that it did not understand, or answered a mere thanks."""
        row = self.session.scalars(
            select(Conversation)
            .join(Account, Account.id == Conversation.account_id)
            .where(Account.chat == f"c{who}")
        ).one()
        newest = self.session.scalars(
            select(OutboundMessage.payload)
            .where(OutboundMessage.chat == f"c{who}")
            .order_by(OutboundMessage.id.desc())
            .limit(2)
        )
        said = [payload["text"] for payload in newest]
        return row.misses > 0 or any("没听明白" in one or "不客气" in one for one in said)

    def press(self, who: int, back: int, number: int) -> None:
        """A button of one of the latest messages in this chat."""
        rows = self.session.scalars(
            select(OutboundMessage)
            .where(OutboundMessage.chat == f"c{who}")
            .order_by(OutboundMessage.id.desc())
            .limit(12)
        ).all()
        rows = [row for row in rows if row.payload.get("choices")]
        if rows:
            row = rows[back % len(rows)]
            choices = [*row.payload["choices"], *row.payload.get("exits", [])]
            self.hear(who, pressed=f"{row.id}:{number % len(choices) + 1}")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Path:
    path = tmp_path_factory.mktemp("scene") / "scene.db"
    engine = open_engine(f"sqlite:///{path}", vault)
    migrate(engine)
    with Session(engine) as session, session.begin():
        county.found_town(session, START)
        for number, name in enumerate(CAST):
            person_id = session.scalars(select(Person.id).where(Person.name == name)).one()
            moment = {"last_used_at": START, "created_at": START}
            account = Account(person_id=person_id, channel="scripted", chat=f"c{number}", **moment)
            session.add(account)
    engine.dispose()
    return path


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording("Asia/Shanghai")


@contextmanager
def scene(template: Path, vault: Vault, wording: Wording) -> Iterator[Scene]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scene.db"
        shutil.copyfile(template, path)
        engine: Engine = quick.open_engine(f"sqlite:///{path}", vault)
        intake: Any = Intake(
            None,  # type: ignore[arg-type]  # no worker: its jobs are called here
            Conversations(handlers.load(), wording),
            wording,
            lambda: START,
            lambda: None,
        )
        try:
            with Session(engine) as session:
                yield Scene(session, intake)
                session.rollback()
        finally:
            engine.dispose()


TURN = st.one_of(
    st.tuples(st.just("say"), st.integers(0, 3), st.integers(0, 8), st.just(0)),
    st.tuples(st.just("press"), st.integers(0, 3), st.integers(0, 2), st.integers(0, 5)),
    st.tuples(st.just("reply"), st.integers(0, 3), st.integers(0, 8), st.integers(0, 5)),
    st.tuples(st.just("edit"), st.integers(0, 3), st.integers(0, 8), st.integers(0, 5)),
    # The likely thing: the first button of the newest message, so that talks come to an end.
    st.tuples(st.just("press"), st.integers(0, 3), st.just(0), st.just(0)),
)
FILED = [("say", 0, 0, 0), *[("press", 0, 0, 0)] * 3]
"""A resident files a request: every talk begins with one, so that there is something to do."""


def play(stage: Scene, turns: list[tuple[str, int, int, int]]) -> None:
    for what, who, first, second in turns:
        words = WORDS[who // 2]
        if what == "say":
            stage.say(who, words[first % len(words)])
        elif what == "reply":
            stage.reply(who, second, words[first % len(words)])
        elif what == "edit":
            stage.edit(who, second, words[first % len(words)])
        else:
            stage.press(who, first, second)


def tickets_hold(stage: Scene) -> None:
    """Every open ticket has one owner who is told, or an alarm; a claim has one winner."""
    for ticket in stage.session.scalars(select(Ticket)):
        if ticket.status in OPEN:
            assert (ticket.owner_id is None) == (ticket.alarmed_at is not None)
        if ticket.status == Status.CLAIMED:
            assert ticket.owner_id in {p.person_id for p in parties(stage.session, ticket.id)}
        kinds = [
            event.kind
            for event in stage.session.scalars(
                select(TicketEvent)
                .where(TicketEvent.ticket_id == ticket.id)
                .order_by(TicketEvent.id)
            )
        ]
        held = False
        for kind in kinds:
            assert not (kind == "claimed" and held), f"claimed while claimed: {kinds}"
            held = (held or kind == "claimed") and kind not in PASSED_ON


def nothing_is_misfiled(stage: Scene) -> None:
    """What was said stands under no ticket that its speaker has no part in."""
    session = stage.session
    names = {person.id: person.name for person in session.scalars(select(Person))}
    known = {ticket.id: ticket for ticket in session.scalars(select(Ticket))}
    events = list(session.scalars(select(TicketEvent)))
    for name, words in stage.said:
        for event in (event for event in events if words in event.text):
            ticket = known[event.ticket_id]
            # Who serves a joined ticket is who serves the one that carries it.
            numbers = [ticket.id, *([ticket.master_id] if ticket.master_id else [])]
            mine = {p.person_id for number in numbers for p in parties(session, number)}
            mine |= {ticket.filer_id}
            assert names[event.actor_id or 0] == name
            assert name in {names[person] for person in mine}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURN, min_size=4, max_size=28))
def test_any_interleaving(
    template: Path, vault: Vault, wording: Wording, turns: list[tuple[str, int, int, int]]
) -> None:
    with scene(template, vault, wording) as stage:
        play(stage, [*FILED, *turns])
        tickets_hold(stage)
        nothing_is_misfiled(stage)


def snapshot(stage: Scene) -> list[Any]:
    """Everything there is, as plain values."""
    session = stage.session
    tables: list[Any] = [InboundMessage, OutboundMessage, Ticket, TicketEvent, Conversation]
    return [
        [
            {c.key: getattr(row, c.key) for c in table.__mapper__.column_attrs}
            for row in session.scalars(select(table))
        ]
        for table in tables
    ]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURN, max_size=14), data=st.data())
def test_a_redelivery_changes_nothing(
    template: Path,
    vault: Vault,
    wording: Wording,
    turns: list[tuple[str, int, int, int]],
    data: st.DataObject,
) -> None:
    with scene(template, vault, wording) as stage:
        play(stage, [*FILED, *turns])
        before = snapshot(stage)
        upto = data.draw(st.integers(1, len(stage.events)))
        for event in data.draw(st.permutations(stage.events[:upto])):
            stage.take(event)
        assert snapshot(stage) == before


# Which of the choices did they mean

NUMERALS = "零一二三四五六七八九十"


@given(number=st.integers(1, 19), spaced=st.sampled_from(["{}", " {} ", "第{}个", "{}.", "选{}"]))
def test_a_number_is_read_in_every_form(number: int, spaced: str) -> None:
    chinese = NUMERALS[number] if number <= 10 else f"十{NUMERALS[number - 10]}"
    wide = str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    circled = chr(0x245F + number)
    for form in (str(number), wide, chinese, circled):
        assert number_in(spaced.format(form)) == number


LABELS = st.lists(
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=8),
    min_size=1,
    max_size=8,
    unique=True,
)


@given(labels=LABELS, data=st.data())
def test_a_label_names_itself_and_a_number_its_place(
    labels: list[str], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(labels) - 1))
    if number_in(labels[index]) is None:
        found = choose(labels[index], labels)
        # Traditional and simplified forms of one label cannot be told apart.
        assert found is not None
        assert found == index or choose(labels[found], [labels[index]]) == 0
    assert choose(str(index + 1), labels) == index
    assert choose(str(len(labels) + 1), labels) is None


@given(text=st.text(max_size=60), labels=LABELS)
def test_a_choice_is_one_of_those_there_are(text: str, labels: list[str]) -> None:
    assert choose(text, labels) in {None, *range(len(labels))}


# Cutting a long text


@given(
    text=st.lists(
        st.one_of(st.text(max_size=40), st.sampled_from(["\n", "😀" * 7, "长句" * 9])), max_size=40
    ).map("".join),
    most=st.integers(8, 60),
)
def test_a_long_text_is_cut_without_loss(text: str, most: int) -> None:
    parts = split(text, most)
    assert all(utf16_length(part) <= most for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")


@given(text=st.text(min_size=1, max_size=9).map(lambda word: word * 3000))
@settings(max_examples=15)
def test_no_part_is_longer_than_telegram_takes(text: str) -> None:
    parts = split(text)
    assert all(utf16_length(part) <= 4096 for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")
