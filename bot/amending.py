"""What an edit changes in a chat: answers of the conversation, of those laid aside, and buttons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.turn import Put, Turn
from handlers.questions import Answered, Story
from handlers.talk import Do, Said
from storage import inbox, outbox

Replay = Callable[[Turn], Put | None]
"""Runs over the answers without a word; the question that is open, if there is one."""

LOOKED_THROUGH = 60
"""How many of the newest messages of a chat are searched for a button that carries the words.
What is older still files the newest words when it is pressed, see `fresh`."""


def correct(turn: Turn, replay: Replay) -> bool:
    """Put the edited words into the answers of the conversation; False when none came from it."""
    ((message_id, words),) = turn.said.parts.items()
    if _tells(turn.draft, message_id):
        turn.draft = Story.amend(turn.draft, message_id, words)
        _complete(turn, replay(turn))
        return True
    for key, answer in turn.answers.items():
        if _tells(answer, message_id):
            turn.answers[key] = Story.amend(answer, message_id, words)
            return True
        if message_id in turn.sources.get(key, {}):
            return _read_again(turn, replay, key)
    return False


def correct_parked(turn: Turn, replay: Replay) -> bool:
    """The same in the conversations laid aside."""
    present = (turn.conversation.name, turn.args, turn.answers, turn.draft, turn.sources)
    found = False
    for number, parked in enumerate(turn.parked):
        turn.conversation.name = parked["name"]
        turn.args, turn.answers = dict(parked["args"]), dict(parked["answers"])
        turn.draft, turn.sources = parked["draft"], dict(parked.get("sources", {}))
        if correct(turn, replay):
            found = True
            answers = list(turn.answers.items())
            changed = {"answers": answers, "draft": turn.draft, "sources": turn.sources}
            turn.parked[number] = {**parked, **changed}
    turn.conversation.name, turn.args, turn.answers, turn.draft, turn.sources = present
    return found


def _tells(answer: Any, message_id: str) -> bool:
    return isinstance(answer, dict) and message_id in answer.get("from", {})


def _complete(turn: Turn, put: Put | None) -> None:
    """A story that was half told may be whole by a caption that came with the edit."""
    if put and isinstance(put.question, Story) and put.question.holds(turn.draft, turn):
        turn.answers[put.key], turn.draft = turn.draft, None
        turn.newest = put.key


def _read_again(turn: Turn, replay: Replay, key: str) -> bool:
    """Let the question read the new words; False when they are no answer to it."""
    replay(turn)
    question = next((q for asked, q in turn.asked if asked == key), None)
    if question is None:
        return False
    reading = question.read(turn.said, None, turn, None)
    if not isinstance(reading, Answered):
        return False
    turn.answers[key] = reading.value
    turn.sources[key] = dict(turn.said.parts)
    turn.newest = key
    return True


def fresh(turn: Turn, args: dict[str, Any]) -> dict[str, Any]:
    """What a button carries, with the words it was made with as they are since the last edit."""
    story = args.get("story")
    if not isinstance(story, dict):
        return args
    address = (turn.account.channel, turn.account.chat)
    for message_id, words in story.get("from", {}).items():
        newest = inbox.newest_words(turn.session, *address, message_id)
        if newest is not None and newest.strip() != words:
            story = Story.amend(story, message_id, newest.strip())
    return {**args, "story": story}


def offered(turn: Turn) -> list[dict[str, Any]]:
    """The choices of the newest message in this chat whose buttons carry the edited words."""
    ((message_id, _),) = turn.said.parts.items()
    account = turn.account
    for choices in outbox.newest_choices(
        turn.session, account.channel, account.chat, LOOKED_THROUGH
    ):
        if any(_tells(choice["args"].get("story"), message_id) for choice in choices):
            return [{**choice, "args": fresh(turn, choice["args"])} for choice in choices]
    return []


def offer(turn: Turn) -> None:
    """The words wait on buttons, or were used up: never acted on without a press."""
    choices = offered(turn)
    options = [Do(one["do"], one["args"], one["label"]) for one in choices]
    if not options:
        story = Story("").add(None, turn.said)
        options = [Do("anew", {"story": story})] if turn.said.text else []
    turn.say("engine/changed_words", text=turn.said.text, options=options, asked=bool(choices))


def append(turn: Turn, args: dict[str, Any]) -> bool:
    """Add what a button carries to the story of the talk; False where it has none."""
    told = turn.story()
    if told is None:
        return False
    key, story = told
    told_too = args.get("story") or {"text": args["text"]}  # a button of an older program
    more = Said(text=told_too["text"], parts=told_too.get("from", {}))
    turn.answers[key] = story.add(turn.answers[key], more)
    turn.say("engine/added")
    return True


def cut(said: Said, most: int) -> Said:
    """What was said, no longer than `most` characters."""
    parts = {key: words[:most] for key, words in said.parts.items()}
    return replace(said, text=said.text[:most], parts=parts)


def as_edited(said: Said, most: int) -> Said:
    """What an edit says: one message, its words as long as those of any other may be."""
    ((message_id, words),) = said.parts.items()
    words = words.strip()[:most]
    return replace(said, text=words, parts={message_id: words})
