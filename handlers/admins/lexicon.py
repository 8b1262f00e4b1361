"""没找到的 and 教机器人: an admin says which kind of service a word means.

没找到的 ──▶ which ──▶ its category │ 不用管 ──▶ learned
教机器人 ──▶ the word ──▶ its category ──▶ learned
"""

from __future__ import annotations

from handlers.permits import may_for_county
from handlers.questions import Option, Pick, Text
from handlers.registry import action, command, conversation
from handlers.talk import Do, Talk
from storage import audit
from storage.directory import misses, settle, teach
from storage.directory.categories import categories

SHOWN = 8
"""Missed searches in one list."""
DROP = ""
"""The answer that no category fits."""


@command("missed")
def missed(talk: Talk) -> None:
    """没找到的: what people searched without finding, most often first."""
    if not may_for_county(talk, "missed"):
        talk.say("desk/not_allowed")
        return
    found = misses(talk.session, SHOWN)
    options = [Do("missed_one", {"miss": one.id, "text": one.text}, one.text) for one in found]
    talk.say("directory/missed", found=found, options=[*options, Do("teach_word")])


@action("missed_one")
def missed_one(talk: Talk, miss: int, text: str) -> None:
    """One of them: asks what it means."""
    talk.begin("teach_word", miss=miss, text=text)


@action("teach_word")
def teach_word(talk: Talk) -> None:
    """教机器人: a word that nobody has searched yet."""
    talk.begin("teach_word")


@command("teach")
def teach_by_word(talk: Talk) -> None:
    """教机器人, typed."""
    if may_for_county(talk, "teach"):
        talk.begin("teach_word")
    else:
        talk.say("desk/not_allowed")


@conversation("teach_word")
def say_what_it_means(talk: Talk) -> None:
    """The word, then its category; from then on searching for the word finds it."""
    miss = talk.args.get("miss")
    word = talk.args.get("text") or talk.ask("word", Text("directory/word", most=20))
    options = [Option(name, name) for name in categories(talk.session)]
    drop = [Option(DROP, talk.word("choice.no_category"))] if miss else []
    question = Pick("directory/category", [*options, *drop], word=word)
    category = talk.ask(f"category-{word}", question)
    if not may_for_county(talk, "teach"):
        talk.say("desk/not_allowed")
        return
    if category != DROP:
        try:
            teach(talk.session, word, category, by=talk.person.id, now=talk.now)
        except ValueError:
            talk.say("directory/word_short", word=word)
            return
        audit.note(talk.session, talk.now, talk.person.id, "teach_word", "directory", category)
    if miss:
        settle(talk.session, miss, now=talk.now)
    talk.say("directory/taught", word=word, category=category, options=[Do("missed_list")])


@action("missed_list")
def missed_list(talk: Talk) -> None:
    """接着看: the rest of what was not found."""
    missed(talk)
