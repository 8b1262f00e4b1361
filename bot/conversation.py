"""The conversation engine: what a message means in its chat, and the run that follows.

A message is, in this order: a button press; an answer in a careful talk, or words that begin one; a
reply to a message that shows a ticket; danger in the middle of a talk; a word that works at any
point (返回 ...); an answer to the open question; a choice from the last message that had some; an
opening word of a conversation; anything else (`HANDLERS.otherwise`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import amending, changing, held, leaving, puzzled
from bot.choices import by_word, choices_by_place, meanings, typed_choice
from bot.turn import Again, Put, Turn
from bot.wording import Wording, unwrapped
from handlers.matching import number_in, number_of_a_ticket
from handlers.questions import Option, Question
from handlers.registry import Handlers
from handlers.talk import Do, Group, Said
from storage import outbox
from storage.people import Account

LONGEST = 4000
"""Characters of one message that are read, about what fits on a card; the inbox keeps all."""
CAREFUL_FOR = timedelta(hours=6)
"""How long after the last word a careful talk still takes whatever is said for its own."""
ZERO = "0"
"""Among the words for 转人工 (``[commands]``) the one that may also be an answer."""
OWN = {"back", "cancel", "edit", "help", "restart", "resume"}
"""Commands that are the engine's own, not a handler's."""


class Engine:
    """Runs handlers over messages. Holds no state of its own: everything is in the session."""

    def __init__(self, handlers: Handlers, wording: Wording) -> None:
        self._handlers = handlers
        self._wording = wording
        self._commands = by_word(wording.section("commands"))
        self._openings = by_word(wording.section("open"))
        self._meant = meanings(wording.section("said"))

    def hear(
        self, session: Session, account: Account, said: Said, pressed: str | None, now: datetime
    ) -> None:
        """Do everything one message causes, in the session given: answers, effects, replies."""
        turn = Turn(session, account, said, now, self._wording)
        if len(said.text) > LONGEST:
            turn.said = amending.cut(said, LONGEST)
            turn.say("engine/long", most=LONGEST)
        if pressed is not None:
            self._press(turn, pressed)
        else:
            self._listen(turn)
        self._follow(turn)
        if held.take_up(turn):
            self._otherwise(turn)
            self._follow(turn)
        turn.save()

    def amend(self, session: Session, account: Account, said: Said, now: datetime) -> None:
        """Do everything that the edit of one message causes.

        said: the message as its one part, with its new words. They count wherever the old ones
        were taken in; where they were not, nothing is done with them before the person says so.
        """
        turn = Turn(session, account, amending.as_edited(said, LONGEST), now, self._wording)
        here = amending.correct(turn, self._replay)
        aside = amending.correct_parked(turn, self._replay)
        assert self._handlers.amended is not None
        filed = self._handlers.amended(turn)
        if here:
            turn.say("engine/changed", text=turn.said.text)
            self._run(turn)
        elif not (aside or filed):
            amending.offer(turn)
        self._follow(turn)
        turn.save()

    def hear_in_group(
        self,
        session: Session,
        account: Account,
        group: Group,
        said: Said,
        pressed: str | None,
        now: datetime,
    ) -> None:
        """Do what something said or pressed in a group causes, as its speaker.

        Answers and questions go to the speaker's own chat (`account`); what the group is to know,
        handlers say there.
        """
        assert self._handlers.in_group is not None
        turn = Turn(session, account, said, now, self._wording)
        turn.group = group
        if pressed is not None:
            self._press(turn, pressed)
        else:
            self._handlers.in_group(turn, None)
        self._follow(turn)
        turn.save()

    def _listen(self, turn: Turn) -> None:
        said = turn.said
        word = unwrapped(said.text) if not said.media else ""
        if self._recognised(turn):
            pass
        elif said.start is not None:
            turn.lay_aside()
            self._otherwise(turn)
        elif self._careful(turn):
            self._answer(turn)
        elif self._signs(turn):
            pass
        elif said.ticket is not None or said.notice is not None:
            self._otherwise(turn)
        elif turn.conversation.name and self._danger(turn):
            pass
        elif word in self._commands and not self._is_an_answer(turn, word):
            self._command(turn, self._commands[word])
        elif turn.conversation.name in self._handlers.verbatim and self._called(turn):
            turn.leave()
            turn.conversation.asked_ref = None
        elif turn.conversation.name:
            self._answer(turn)
        elif self._called(turn) or self._pick_from_last(turn) or self._asks_which(turn):
            pass
        elif word in self._openings and self._may(turn, self._openings[word]):
            self._open(turn, self._openings[word])
        else:
            self._otherwise(turn)

    def _recognised(self, turn: Turn) -> bool:
        """Whether the words proved who speaks; a conversation then goes on with that person."""
        if self._handlers.recognise is None or not self._handlers.recognise(turn):
            return False
        if turn.conversation.name:
            self._run(turn)
        return True

    def _careful(self, turn: Turn) -> bool:
        """Whether a talk is under way in which every word is an answer. One that nobody went on
        with for `CAREFUL_FOR` is over."""
        if turn.conversation.name not in self._handlers.careful or turn.said.ticket is not None:
            return False
        if turn.now - turn.conversation.updated_at > CAREFUL_FOR:
            turn.leave()
            return False
        return True

    def _signs(self, turn: Turn) -> bool:
        """Whether the words begin a careful talk. What is under way is laid aside without a word
        (`Turn.enter`)."""
        return self._handlers.signs is not None and self._handlers.signs(turn)

    def _danger(self, turn: Turn) -> bool:
        """Whether the words tell of danger that goes before the talk under way."""
        danger = self._handlers.danger
        return danger is not None and danger(turn, lambda: self._open_question(turn))

    def _open_question(self, turn: Turn) -> Question[Any] | None:
        put = self._replay(turn) if turn.conversation.name else None
        return put.question if put else None

    def _is_an_answer(self, turn: Turn, word: str) -> bool:
        """Whether a word that works at any point stands on a choice of the last message (先不报了)
        or is what the open question waits for. A bare 0 is that, or picks what begins with it;
        where it does neither, it calls a person, as on the telephone."""
        found = self._typed_choice(turn)
        if found is not None:
            return word == ZERO or found[1]["do"] == "answer"
        question = self._open_question(turn)
        if question is None:
            return False
        if word == ZERO:
            return question.takes_zero(turn.said, turn, turn.draft)
        return question.takes_word(word, turn)

    def _called(self, turn: Turn) -> bool:
        """Whether a ticket was called by its number: 12号 is not the twelfth choice."""
        return self._handlers.calls is not None and self._handlers.calls(turn)

    def _may(self, turn: Turn, name: str) -> bool:
        return self._handlers.allows is None or self._handlers.allows(turn, name)

    def _open(self, turn: Turn, name: str) -> None:
        if name in self._handlers.conversations:
            turn.begin(name)
        else:
            self._command(turn, name)

    def _otherwise(self, turn: Turn) -> None:
        assert self._handlers.otherwise is not None
        self._handlers.otherwise(turn)

    def _follow(self, turn: Turn) -> None:
        """Start the conversations that handlers asked for."""
        while turn.next:
            name, args, answers = turn.next
            turn.next = None
            turn.enter(name, args, answers)
            self._run(turn, live=True)

    # Buttons and numbers

    def _press(self, turn: Turn, pressed: str) -> None:
        account = turn.account
        place = turn.group or account
        found = outbox.choice_of(turn.session, pressed, place.channel, place.chat)
        if found is None:
            self._stale(turn)
            return
        ref, choice = found
        choice = {**choice, "args": amending.fresh(turn, choice["args"])}
        turn.said = Said(text=choice["label"], name=turn.said.name)
        if choice["do"] == "answer" and [ref, choice["args"]["value"]] == turn.pressed_last:
            return  # an unsteady finger: the button that was taken just now, once more
        if choice["do"] == "answer" and turn.conversation.asked_ref != ref:
            self._stale(turn)
            return
        self._do(turn, ref, choice)

    def _stale(self, turn: Turn) -> None:
        if turn.conversation.name:
            turn.say("engine/stale")
            self._run(turn)
        else:
            turn.say("engine/over")
            self._command(turn, "menu")

    def _do(self, turn: Turn, ref: int, choice: dict[str, Any]) -> None:
        name, args = choice["do"], choice["args"]
        if name == "answer":
            turn.pressed_last = [ref, args["value"]]
            self._answer(turn, (args["key"], Option(args["value"], choice["label"])))
        elif name == "change":
            turn.reopen(args["keys"])
            self._run(turn)
        elif name == "append":
            self._append(turn, args)
        elif name == "anew":
            self._anew(turn, ref, args["story"])
        elif name in OWN or name in self._handlers.commands:
            self._command(turn, name)
        elif name in self._handlers.actions:
            if turn.group and self._handlers.in_group:
                self._handlers.in_group(turn, args)
            if self._permitted(turn, name, args):
                if turn.conversation.name in self._handlers.verbatim:
                    turn.lay_aside()
                self._handlers.actions[name](turn, **args)
        else:  # a button of an older program
            self._stale(turn)

    def _pick_from_last(self, turn: Turn) -> bool:
        if (found := self._typed_choice(turn)) is None:
            return False
        self._do(turn, *found)
        return True

    def _asks_which(self, turn: Turn) -> bool:
        """2号 below choices may be the second of them or a ticket: asked, with the same numbers."""
        there = choices_by_place(turn)
        if not there:
            return False
        options = [Do(one["do"], one["args"], one["label"]) for one in there]
        number = number_of_a_ticket(turn.said.text)
        turn.say("engine/numbered", number=number, most=len(there), question="", options=options)
        return True

    def _typed_choice(self, turn: Turn) -> tuple[int, dict[str, Any]] | None:
        return typed_choice(turn, self._meant)

    # Conversations

    def _answer(self, turn: Turn, picked: tuple[str, Option] | None = None) -> None:
        if picked is None and puzzled.takes_the_offer(turn):
            self._command(turn, "human")
            return
        if picked is None and changing.wants_a_change(turn):
            self._edit(turn)
            return
        if picked is None:
            found = self._typed_choice(turn)
            by_number = found is not None and number_in(turn.said.text) is not None
            if by_number and turn.conversation.interrupted:
                turn.say("engine/which")
                self._run(turn)
                return
            if found is not None:
                self._do(turn, *found)
                return
            if self._leaves(turn):
                return
        turn.picked, turn.heard = picked, False
        self._run(turn)

    def _leaves(self, turn: Turn, *, missed: bool = False) -> bool:
        """Whether the words ended a talk of the speaker's own, or went back in it."""
        own = turn.conversation.name in self._handlers.own
        way = leaving.way_out(turn, missed=missed) if own else ""
        if way:
            self._command(turn, way)
        return bool(way)

    def _run(self, turn: Turn, *, live: bool = False) -> None:
        """Run the present conversation until it puts a question or ends.

        live: it begins now, so what it says before its first question is said.
        """
        function = self._handlers.conversations.get(turn.conversation.name)
        if function is None:  # dropped by an upgrade: nothing to ask any more
            turn.leave()
            self._command(turn, "menu")
            return
        turn.asked.clear()
        asked = turn.conversation.asked_ref
        turn.careful = turn.conversation.name in self._handlers.careful
        turn.running, turn.live = True, live
        try:
            function(turn)
        except Again:
            self._run(turn)
        except Put as put:
            turn.running = False
            if put.missed and (
                self._leaves(turn, missed=True) or puzzled.left_for(turn, self._handlers.aside)
            ):
                return
            there = self._handlers.elsewhere if put.missed else None
            turn.put(put, there(turn) if there else ())
        else:
            turn.leave()
            turn.forget_question(asked)
        finally:
            turn.running = False

    def _replay(self, turn: Turn) -> Put | None:
        """Run over the answers only to see which questions they belong to, and which is open."""
        function = self._handlers.conversations.get(turn.conversation.name)
        if function is None:
            return None
        turn.asked.clear()
        turn.silent = True
        try:
            function(turn)
        except Put as put:
            return put
        finally:
            turn.silent = False
        return None

    # Words that work at any point

    def _permitted(self, turn: Turn, name: str, args: dict[str, Any]) -> bool:
        assert self._handlers.permit is not None
        return self._handlers.permit(turn, name, args)

    def _command(self, turn: Turn, name: str) -> None:
        if name in OWN:
            getattr(self, f"_{name}")(turn)
            return
        if not self._permitted(turn, name, {}):
            return
        if name == "human":
            self._replay(turn)
            self._handlers.commands[name](turn)
            turn.leave()
            turn.held = None  # it went along
            return
        turn.lay_aside()
        self._handlers.commands[name](turn)

    def _back(self, turn: Turn) -> None:
        if not turn.conversation.name or not (turn.answers or turn.draft):
            turn.leave()
            self._command(turn, "menu")
            return
        if changing.shows_changeable(turn):
            pass  # back from that list to the question
        elif turn.leave_change():
            pass  # back from what was to be changed: it is as it was
        elif turn.draft is not None:
            turn.draft = None
        elif turn.leave_reopened():
            pass  # back from asking what is taken for given
        else:
            self._replay(turn)
            turn.forget_newest()
        turn.conversation.misses = 0
        self._run(turn)

    def _restart(self, turn: Turn) -> None:
        """从头来: the same talk from its first question."""
        if not turn.conversation.name:
            self._command(turn, "menu")
            return
        turn.enter_anew()
        self._run(turn, live=True)

    def _cancel(self, turn: Turn) -> None:
        name = turn.conversation.name
        turn.leave()
        turn.say("engine/cancelled", left=name)
        self._command(turn, "menu")

    def _edit(self, turn: Turn) -> None:
        if not turn.conversation.name:
            self._command(turn, "menu")
            return
        self._replay(turn)
        options = changing.changeable(turn, self._wording)
        if options:
            nothing = Do("resume", {}, self._wording.word("do.change_nothing"))
            turn.say("engine/edit", options=[*options, nothing])
        else:
            self._run(turn)

    def _help(self, turn: Turn) -> None:
        turn.say("engine/help", talking=bool(turn.conversation.name))
        if turn.conversation.name:
            self._run(turn)
        else:
            self._command(turn, "menu")

    def _resume(self, turn: Turn) -> None:
        if turn.conversation.name or turn.unpark():
            self._run(turn)
        else:
            self._otherwise(turn)

    def _anew(self, turn: Turn, ref: int, story: dict[str, Any]) -> None:
        """The new words of an edited message, as if they had just been written; once."""
        if turn.pressed_last == [ref, "anew"]:
            return
        turn.pressed_last = [ref, "anew"]
        turn.said = Said(text=story["text"], parts=story["from"], name=turn.said.name)
        self._listen(turn)

    def _append(self, turn: Turn, args: dict[str, Any]) -> None:
        self._replay(turn)
        if amending.append(turn, args):
            self._run(turn)
        else:
            self._stale(turn)
