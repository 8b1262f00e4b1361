"""How a chat becomes a worker's: by an invitation, or by the number their post is listed under."""

from __future__ import annotations

from handlers.permits import is_staff
from handlers.questions import Confirm, Phone
from handlers.registry import conversation
from handlers.talk import Talk
from storage import areas, invitations, limbo, people, posts, roles
from storage.people import Person
from storage.phones import normal_phone


def listed_person(talk: Talk, phone: str) -> Person | None:
    """Who in the county's list has this number and a post; the caller has proof it is theirs."""
    person = people.find_by_phone(talk.session, phone)
    if person is None or not posts.posts_of(talk.session, person.id, talk.now):
        return None
    return person


def use_code(talk: Talk, code: str, *, sure: bool = False) -> bool:
    """Bind this chat by an invitation; False when the code is unknown, used or too old.

    sure: a worker who is shown another's code has said that the chat is to be that one's.
    """
    invited = invitations.whose(talk.session, code, talk.now)
    if invited is None:
        return False
    if invited.id != talk.person.id and is_staff(talk) and not sure:
        talk.begin("bind_other", code=code)
        return True
    person = invitations.use(talk.session, code, talk.account, talk.now)
    if person is None:
        return False
    talk.become(person)
    welcome_staff(talk)
    return True


@conversation("bind_other")
def become_another(talk: Talk) -> None:
    """A worker showed a colleague's code: the chat is that one's only if they say so."""
    code = talk.args["code"]
    invited = invitations.whose(talk.session, code, talk.now)
    if invited is None:
        talk.refuse("desk/code_unknown")
        return
    own = talk.person.name
    sure = Confirm("staff/bind_other", yes="become", no="become_not", name=invited.name, own=own)
    if not talk.ask("sure", sure):
        talk.say("staff/stays", name=own)
    elif not use_code(talk, code, sure=True):
        talk.say("desk/code_unknown")


@conversation("bind")
def show_who_they_are(talk: Talk) -> None:
    """绑定: offers the platform's button for one's own number; a typed number proves nothing."""
    if is_staff(talk):  # by a code meanwhile, or long ago
        welcome_staff(talk)
        return
    phone = talk.ask("phone", Phone("staff/bind"))
    if not phone:
        talk.say("staff/bind_later")
    elif not phone["proven"]:
        talk.say("staff/number_typed")
    else:
        use_contact(talk, phone["phone"], own=True)


def use_contact(talk: Talk, phone: str, own: bool) -> None:
    """Bind this chat by a shared number. It counts only when it is the sender's own."""
    if not own:
        talk.say("staff/contact_not_own")
        return
    if normal_phone(phone) is None:
        talk.say("staff/contact_foreign")
        return
    person = listed_person(talk, phone)
    if person is None:
        people.set_phone(talk.session, talk.person, phone, proven=True)
        talk.say("staff/contact_kept")
        return
    talk.become(person)
    welcome_staff(talk)


def welcome_staff(talk: Talk, *, quiet: bool = False) -> None:
    """Say which posts the speaker holds. quiet: say nothing to someone who holds none."""
    held = posts.posts_of(talk.session, talk.person.id, talk.now)
    if quiet and not held:
        return
    if held:
        limbo.knock(talk.session, talk.now)  # what waited for somebody with a chat
    duties: dict[str, list[str]] = {}
    for post in held:
        place = areas.title(talk.session, areas.get(talk.session, post.area_id))
        duties.setdefault(roles.label(post.role), []).append(place)
    lines = [(role, list(dict.fromkeys(places))) for role, places in duties.items()]
    talk.say("staff/welcome", name=talk.person.name, duties=lines)
