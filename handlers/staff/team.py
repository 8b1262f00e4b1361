"""What is said in a team's group: presses, replies to a card, and 绑定团队.

Whoever speaks there is answered in their own chat; the group sees the card change, and the thread.
"""

from __future__ import annotations

from typing import Any

from handlers import relay
from handlers.area_questions import PickArea
from handlers.permits import entitled, is_staff, may
from handlers.questions import Option, Pick
from handlers.registry import conversation, duty, in_group
from handlers.staff import said
from handlers.staff.team_card import may_stand_in_a_group
from handlers.talk import Desk, Do, Group, Talk
from handlers.views import name_of
from storage import areas, audit, permissions, posts, staff_names, teams, tickets, work_words
from storage.areas import Level
from storage.posts import Role
from storage.teams import TeamChat
from storage.tickets import Ticket


@in_group
def said_in_group(talk: Talk, pressed: dict[str, Any] | None) -> None:
    """Let a member of the team into the ticket; without a press, do what was said."""
    assert talk.group is not None
    number = pressed.get("ticket") if pressed is not None else talk.said.ticket
    team = teams.of_chat(talk.session, talk.group.channel, talk.group.chat)
    if number is not None and team is not None:
        _admit(talk, number, team)
    if pressed is not None:
        return
    text = talk.said.text.strip()
    if number is not None:
        words = relay.said_as_story(talk)
        found = tickets.get(talk.session, number)
        if found is not None and said.of_ticket(talk, found, words):
            return  # 接单, 办结: for us, as by the card's button
        if found is not None and _for_colleagues(talk, found, words):
            return  # asked of who said it
        if not relay.to_ticket(talk, number, words):
            entitled(talk, number, "to_ticket")  # says, to the speaker alone, that it is not theirs
    elif text in talk.words("team.bind"):
        _bind(talk, talk.group)
    elif text in talk.words("team.unbind"):
        _unbind(talk, team)
    elif team is not None:
        talk.tell_team(team, "team/help")


def _admit(talk: Talk, number: Any, team: TeamChat) -> None:
    """Who holds a post around the place of an open matter of this team may take it up here."""
    ticket = tickets.get(talk.session, number) if isinstance(number, int) else None
    if ticket is None or ticket.status not in tickets.OPEN or not may_stand_in_a_group(ticket):
        return
    place = areas.get(talk.session, ticket.area_id)
    if team.area_id not in place.lineage:
        return
    if tickets.is_party(talk.session, ticket.id, talk.person.id):
        return
    if permissions.is_kept_from(talk.session, talk.person.id, ticket, talk.now):
        return
    covering = posts.covers(talk.session, talk.person.id, ticket.area_id, talk.now)
    if covering and ticket.filer_id != talk.person.id:
        tickets.add_party(talk.session, ticket, talk.person.id, covering[0], talk.now)


def _for_colleagues(talk: Talk, ticket: Ticket, words: relay.Words) -> bool:
    """Whether what was said below a card may be for the others in the group (周姐你去看看,
    王桂英电话多少); then its speaker is asked, and the resident reads nothing before."""
    text = words["text"]
    filer = name_of(talk.session, ticket.filer_id)
    named = staff_names.meant(talk.session, text, talk.now)
    of_others = any(one.id != talk.person.id for one in named) or (len(filer) > 1 and filer in text)
    if not relay.serves(talk, ticket) or not (of_others or work_words.among_colleagues(text)):
        return False
    label = talk.word("reply_sure.send").format(filer=filer, number=ticket.id)
    options = [Do("to_ticket", {"ticket": ticket.id, "story": words}, label)]
    if may(talk, ticket, "keep_note"):
        options.append(Do("keep_note", {"ticket": ticket.id, "story": words}))
    talk.say("team/for_the_resident", ticket=ticket.id, text=text, filer=filer, options=options)
    return True


def _bind(talk: Talk, group: Group) -> None:
    if not is_staff(talk):
        talk.say("desk/not_allowed")
        return
    talk.begin("bind_team", channel=group.channel, chat=group.chat)


def _unbind(talk: Talk, team: TeamChat | None) -> None:
    if team is None:
        return
    if not posts.covers(talk.session, talk.person.id, team.area_id, talk.now):
        talk.say("desk/not_allowed")
        return
    talk.tell_team(team, "team/unbound")
    teams.end(talk.session, team, talk.now)


@duty("lost_teams", due=teams.lost)
def let_go(desk: Desk, number: int) -> None:
    """A group that nothing gets to serves no team any more; who bound it is told how it can."""
    team = desk.session.get_one(TeamChat, number)
    teams.end(desk.session, team, desk.now)
    if team.set_by is not None:
        area = areas.title(desk.session, areas.get(desk.session, team.area_id))
        desk.tell(team.set_by, "team/lost", staff=True, area=area)


@conversation("bind_team")
def choose_the_area(talk: Talk) -> None:
    """Which of the speaker's own areas the group serves; an admin names any."""
    held = posts.posts_of(talk.session, talk.person.id, talk.now)
    county = areas.county(talk.session)
    if any(post.role == Role.ADMIN for post in held) and county is not None:
        place = talk.ask("area", PickArea("team/area", county, deepest=Level.BUILDING))
        area_id = place.id
    else:
        mine = [areas.get(talk.session, post.area_id) for post in held]
        wide = {area.id: area for area in mine if area.level != Level.HOUSEHOLD}
        if not wide:
            talk.say("desk/not_allowed")
            return
        names = areas.titles(talk.session, wide.values())
        options = [Option(one, names[one]) for one in wide]
        area_id = next(iter(wide))
        if len(wide) > 1:
            area_id = talk.ask("own", Pick("team/own", options))
    team = teams.bind(
        talk.session, talk.args["channel"], talk.args["chat"], area_id, talk.person.id, talk.now
    )
    audit.note(talk.session, talk.now, talk.person.id, "bind_team", f"area:{area_id}")
    title = areas.title(talk.session, areas.get(talk.session, area_id))
    talk.tell_team(team, "team/bound", area=title, name=talk.person.name)
    talk.say("team/bound_by_you", area=title)
