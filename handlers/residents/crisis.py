"""轻生: somebody is tired of life, or tells of somebody who is.

    here, numbers ▶ safe now? ──no, or means at hand──▶ help is sent ▶ stays, takes every word
                        └─yes─▶ may somebody call you? ──yes─▶ that one ▶ stays
                                        └─no─▶ may I ask tomorrow? ▶ reachable

Why each line is as it is: docs/how-to/crisis-scripts.md.
"""

from __future__ import annotations

from handlers.registry import conversation
from handlers.relay import Words
from handlers.residents.careful import (
    CARE,
    Gentle,
    added,
    ask_tomorrow,
    file_quietly,
    gently,
    raise_alarm,
)
from handlers.residents.helpers import Helper, helpers, hotlines, to_tap
from handlers.routing import has_a_chat
from handlers.talk import Talk
from storage.crisis import SUICIDE, is_now
from storage.posts import Role

SERVICE = "crisis"
NUMBERS, NUMBERS_NOW = ("12356", "110", "120"), ("120", "110", "12356")
"""Whom to call, the first first: who talks; where something has happened, who comes."""
LISTENED = 3
"""How often it is asked whether they are safe, in other words, before a person is asked for."""


@conversation("crisis", careful=True)
def crisis(talk: Talk) -> None:
    """args: story (what was said), other (it is about somebody else), now (means at hand), whom, n
    (how often something was said in between)."""
    told, other, n = talk.args["story"], talk.args["other"], talk.args.get("n", 0)
    if n == 0:
        officer = helpers(talk, [Role.COMMUNITY_OFFICER])
        numbers = NUMBERS_NOW if talk.args["now"] else NUMBERS
        talk.say("crisis/here", other=other)
        talk.say(
            "crisis/numbers",
            calls=[*hotlines(talk, numbers), *to_tap(officer)],
            other=other,
            now=talk.args["now"],
        )
        if talk.args["now"]:
            send_help(talk, told, other)
            return
    options = ["unsafe", "safe_with_me", "mine"] if other else ["safe", "unsafe"]
    block = "ask" if n == 0 else f"more{n}"
    question = Gentle("crisis/other" if other else "crisis/safe", options, block=block)
    answer = gently(talk, "safe", question, "crisis")
    if answer is None:
        return
    said = answer["story"]
    so_far = added(told, said)
    pick = answer["pick"]
    if pick == "unsafe" or is_now(SUICIDE, said["text"]):
        send_help(talk, so_far, other)
    elif pick == "human":
        begin_with_a_person(talk, so_far, other)
    elif pick == "safe_with_me":
        talk.say("crisis/watch")
    elif pick == "mine":
        talk.begin("crisis", story=told, other=False, now=False, whom="", n=1)
    elif pick == "safe" or n + 1 >= LISTENED:
        talk.begin("crisis_human", story=so_far, other=other, n=0)
    else:
        talk.begin("crisis", story=so_far, other=other, now=False, whom="", n=n + 1)


def send_help(talk: Talk, told: Words, other: bool) -> None:
    """A life may be in danger: the officer on duty and every admin, without asking first, and said
    openly. (个人信息保护法 art. 13 (4): to protect life in an emergency no consent is needed.)"""
    ticket, reached = file_quietly(
        talk, SERVICE, told, first=[Role.COMMUNITY_OFFICER], contact="call_now", urgent=True
    )
    if ticket is None:
        talk.say("crisis/alone")
        return
    raise_alarm(talk, ticket, reached)
    talk.say("crisis/sent", ticket=ticket.id, who=reached, other=other)
    talk.begin("careful_with", script="crisis", ticket=ticket.id, n=0, other=other)


def begin_with_a_person(talk: Talk, told: Words, other: bool) -> None:
    """They asked for a person in so many words."""
    one = who_would_call(talk)
    if one is None:
        send_help(talk, told, other)
    else:
        ask_to_call(talk, told, one, agreed=True)


def who_would_call(talk: Talk) -> Helper | None:
    """The social worker of the doorstep, else its officer, if they can be written to."""
    found = helpers(talk, [Role.SOCIAL_WORKER, Role.COMMUNITY_OFFICER])
    return next((one for one in found if has_a_chat(talk, one.person_id)), None)


@conversation("crisis_human", careful=True)
def may_somebody_call(talk: Talk) -> None:
    """They are safe, or will not say: may a person get in touch?"""
    told, n = talk.args["story"], talk.args["n"]
    one = who_would_call(talk)
    if one is None:
        talk.begin("crisis_tomorrow", story=told)
        return
    block = "ask" if n == 0 else "more"
    question = Gentle("crisis/human", ["call_me", "no_call"], block=block, who=one.called)
    answer = gently(talk, "human", question, "crisis")
    if answer is None:
        return
    said = answer["story"]
    so_far = added(told, said)
    if is_now(SUICIDE, said["text"]):
        send_help(talk, so_far, talk.args["other"])
    elif answer["pick"] == "no_call":
        talk.begin("crisis_tomorrow", story=told)
    elif answer["pick"] or n > 0:
        ask_to_call(talk, so_far, one, agreed=bool(answer["pick"]))
    else:
        talk.begin("crisis_human", story=so_far, other=talk.args["other"], n=n + 1)


def ask_to_call(talk: Talk, told: Words, one: Helper, *, agreed: bool) -> None:
    """Let that one get in touch. agreed: False for who went on without an answer, which is no
    refusal either; they are told."""
    ticket, reached = file_quietly(
        talk, SERVICE, told, first=[one.role], contact="call_soon", urgent=True
    )
    if ticket is None:
        talk.say("crisis/alone")
        return
    talk.say("crisis/asked", ticket=ticket.id, who=reached or [one.called], agreed=agreed)
    talk.begin("careful_with", script="crisis", ticket=ticket.id, n=1)


@conversation("crisis_tomorrow", careful=True)
def may_i_ask_tomorrow(talk: Talk) -> None:
    """They want nobody: may they be asked on the day after?"""
    question = Gentle("crisis/tomorrow", ["ask_me", "do_not_ask"])
    answer = gently(talk, "tomorrow", question, "crisis")
    if answer is None:
        return
    said = answer["story"]
    if is_now(SUICIDE, said["text"]):
        send_help(talk, added(talk.args["story"], said), False)
    elif answer["pick"] == "human":
        begin_with_a_person(talk, talk.args["story"], False)
    elif not answer["pick"]:
        told = added(talk.args["story"], said)
        talk.begin("crisis", story=told, other=False, now=False, whom="", n=1)
    else:
        agreed = answer["pick"] == "ask_me"
        if agreed:
            ask_tomorrow(talk, CARE)
        talk.say("crisis/bye", agreed=agreed)
