"""What is typed of shops: the words of the buttons below a list, and that one is no more."""

from __future__ import annotations

from handlers.permits import is_staff
from handlers.registry import HANDLERS
from handlers.relay import threads, waits_for_speaker
from handlers.talk import Talk
from storage import entries, outbox
from storage.names import bare

LOOKED_THROUGH = 8
"""How many of the newest messages of a chat are searched for the last list."""
LONGEST = 24
"""Characters of a message that says that a shop is no more, and tells nothing else."""
BUTTONS = ("took_it", "others", "report_entry")


def asked_for(talk: Talk, text: str) -> bool:
    """Whether the words were for the last list (换一批, 我打过了, 报错) or said that a shop is gone
    (甲记开锁关门了), and were answered."""
    said = bare(text)
    button = next((one for one in BUTTONS if said in talk.words(f"entry_said.{one}")), None)
    wrong = len(said) <= LONGEST and any(word in said for word in talk.words("entry_said.wrong"))
    if not (button or wrong) or any(waits_for_speaker(talk, one) for one in threads(talk)):
        return False  # it is an answer to who spoke last
    if button:
        return _on_the_last_list(talk, button)
    known = [] if is_staff(talk) else [one.id for one in entries.named_in(talk.session, text)]
    if known:
        talk.begin("report_entry", entries=known)
    return bool(known)


def _on_the_last_list(talk: Talk, name: str) -> bool:
    """Press that button of the newest list in this chat; False where none was shown lately."""
    account = talk.account
    shown = outbox.newest_choices(talk.session, account.channel, account.chat, LOOKED_THROUGH)
    listed = next((one for one in shown if any(c["do"] == "took_it" for c in one)), None)
    if listed is None:
        return False
    pressed = next((one for one in listed if one["do"] == name), None)
    if pressed is None:
        talk.say("directory/no_more")
    else:
        HANDLERS.actions[name](talk, **pressed["args"])
    return True
