"""家暴: violence at home, against oneself, a child, or somebody old.

    110, safe now? ──no, or it is happening──▶ shall I tell the officer? ──yes─▶ told ▶ stays
          └─yes─▶ do others look at this phone? ▶ what there is ▶ lawyer, officer, or nobody yet
                                                    └─nobody─▶ may I ask tomorrow?

Nothing is filed that was not agreed to, nobody next door and no mediator ever has it, and until
they say that nobody looks at their phone, what comes to it later is one everyday line.
Why each line is as it is: docs/how-to/crisis-scripts.md.
"""

from __future__ import annotations

from handlers.permits import DISCREET
from handlers.questions import Story
from handlers.registry import conversation
from handlers.residents.careful import (
    CARE_QUIETLY,
    Gentle,
    added,
    ask_tomorrow,
    file_quietly,
    gently,
)
from handlers.residents.helpers import helpers, hotlines, to_tap
from handlers.talk import Talk
from storage import preferences
from storage.crisis import VIOLENCE, is_now
from storage.posts import Role

SERVICE = "protection"
LISTENED = 2
"""How often they may say something else before it goes on as if they were safe."""


@conversation("violence", careful=True)
def violence(talk: Talk) -> None:
    """args: story (what was said), other (it is about somebody else), whom (child, elder or empty),
    now (it is happening), n (how often something was said in between)."""
    told, n = talk.args["story"], talk.args.get("n", 0)
    about = {"other": talk.args["other"], "whom": talk.args["whom"]}
    if n == 0:
        now = talk.args["now"]
        talk.say("violence/first", calls=hotlines(talk, ["110"]), now=now, **about)
        if now:
            talk.begin("violence_officer", story=told, n=0, **about)
            return
    block = "ask" if n == 0 else "more"
    question = Gentle("violence/safe", ["safe", "unsafe"], block=block, **about)
    answer = gently(talk, "safe", question, "violence")
    if answer is None:
        return
    said = answer["story"]
    so_far = added(told, said)
    if answer["pick"] in ("unsafe", "human") or is_now(VIOLENCE, said["text"]):
        talk.say("violence/unsafe", **about)
        talk.begin("violence_officer", story=so_far, n=0, **about)
    elif answer["pick"] == "safe" or n >= LISTENED:
        talk.begin("violence_phone", story=so_far, **about)
    else:
        talk.begin("violence", story=so_far, now=False, n=n + 1, **about)


@conversation("violence_officer", careful=True)
def shall_i_tell_the_officer(talk: Talk) -> None:
    """In danger: the officer of the doorstep, if they say so."""
    told, n = talk.args["story"], talk.args["n"]
    about = {"other": talk.args["other"], "whom": talk.args["whom"]}
    officer = helpers(talk, [Role.COMMUNITY_OFFICER])
    who = officer[0].called if officer else ""
    block = "ask" if n == 0 else "more"
    question = Gentle("violence/officer", ["tell", "not_yet"], block=block, who=who)
    answer = gently(talk, "tell", question, "violence")
    if answer is None:
        return
    so_far = added(told, answer["story"])
    if answer["pick"] in ("tell", "human"):
        leave_with(talk, so_far, Role.COMMUNITY_OFFICER, urgent=True)
    elif answer["pick"] == "not_yet" or n > 0:
        talk.say("violence/ready", calls=hotlines(talk, ["110"]))
        talk.begin("violence_tomorrow")
    else:
        talk.begin("violence_officer", story=so_far, n=n + 1, **about)


def leave_with(talk: Talk, told: dict[str, object], role: Role, *, urgent: bool) -> None:
    """File it with one of the two who may have it, and say who that is."""
    watched = preferences.get(talk.session, talk.person.id, DISCREET)
    if watched is None:  # not said yet: as if somebody looked
        watched = True
        preferences.put(talk.session, talk.person.id, DISCREET, True, talk.now)
    ticket, reached = file_quietly(
        talk, SERVICE, told, first=[role], contact="quietly" if watched else "write", urgent=urgent
    )
    if ticket is None:
        talk.say("violence/ready", calls=hotlines(talk, ["110"]))
        return
    talk.say("violence/left", who=reached, urgent=urgent, watched=watched)
    talk.begin("careful_with", script="violence", ticket=ticket.id, n=0)


@conversation("violence_phone", careful=True)
def who_looks_at_this_phone(talk: Talk) -> None:
    """Before anything more is written: do others look at it? Whatever is no plain no means yes."""
    answer = gently(talk, "phone", Gentle("violence/phone", ["watched", "unwatched"]), "violence")
    if answer is None:
        return
    watched = answer["pick"] != "unwatched"
    preferences.put(talk.session, talk.person.id, DISCREET, watched, talk.now)
    talk.begin(
        "violence_leave",
        story=added(talk.args["story"], answer["story"]),
        other=talk.args["other"],
        whom=talk.args["whom"],
        watched=watched,
        n=0,
    )


@conversation("violence_leave", careful=True)
def what_there_is(talk: Talk) -> None:
    """What helps, in a few lines; then whether a lawyer or the officer is to have it."""
    told, watched, n = talk.args["story"], talk.args["watched"], talk.args["n"]
    if n == 0:
        found = [] if watched else helpers(talk, [Role.COMMUNITY_OFFICER, Role.LAWYER])
        talk.say(
            "violence/help",
            calls=[*hotlines(talk, ["12338"]), *to_tap(found)],
            watched=watched,
            whom=talk.args["whom"],
        )
    block = "ask" if n == 0 else "more"
    question = Gentle("violence/leave", ["to_lawyer", "to_officer", "later"], block=block)
    answer = gently(talk, "leave", question, "violence")
    if answer is None:
        return
    said = answer["story"]
    so_far = added(told, said)
    about = {"other": talk.args["other"], "whom": talk.args["whom"]}
    if answer["pick"] == "to_lawyer":
        leave_with(talk, so_far, Role.LAWYER, urgent=False)
    elif answer["pick"] in ("to_officer", "human"):
        leave_with(talk, so_far, Role.COMMUNITY_OFFICER, urgent=False)
    elif is_now(VIOLENCE, said["text"]):
        talk.say("violence/unsafe", **about)
        talk.begin("violence_officer", story=so_far, n=0, **about)
    elif answer["pick"] == "later" or n > 0:
        talk.begin("violence_tomorrow")
    else:
        talk.begin("violence_leave", story=so_far, watched=watched, n=n + 1, **about)


@conversation("violence_tomorrow", careful=True)
def may_i_ask_tomorrow(talk: Talk) -> None:
    """Nobody is to have it yet: may they be asked on the day after, in one everyday line?"""
    question = Gentle("violence/tomorrow", ["ask_me", "do_not_ask"])
    answer = gently(talk, "tomorrow", question, "violence")
    if answer is None:
        return
    said = answer["story"]
    if is_now(VIOLENCE, said["text"]):
        talk.begin("violence_officer", story=Story.empty() | said, other=False, whom="", n=0)
        return
    agreed = answer["pick"] == "ask_me"
    if agreed:
        ask_tomorrow(talk, CARE_QUIETLY)
    talk.say("violence/bye", agreed=agreed)
