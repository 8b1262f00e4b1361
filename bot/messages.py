"""The only words that channels and the rest of the program share: what came in, what goes out.

Nothing here knows a platform. A channel turns its platform's update into `Incoming` and an
`Outgoing` into its platform's call; everything between the two is the same for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from storage.media import File, Location

__all__ = ["Address", "CallCard", "Choice", "Contact", "File", "Incoming", "Location", "Outgoing"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a chat is: the channel's name (``telegram``, ``web`` ...) and its chat id as text."""

    channel: str
    chat: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone number shared through the platform's own button.

    `own` is true only where the platform vouches that the number belongs to the sender.
    """

    phone: str
    own: bool


@dataclass(frozen=True, slots=True)
class CallCard:
    """Somebody to be called with one tap: a name and a number, public by intent (110, an officer's
    duty phone), never a resident's."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message or button press, as it arrived.

    event_id: the platform's own id of the event, unique per channel; a redelivery repeats it.
    message_id: the platform's id of the message itself (what a later reply would name).
    pressed: what a button carried (``"<outbox id>:<choice index>"``), or None.
    reply_to: the platform's id of the message that this one answers, or None.
    group: the platform's album id; messages that share one are read together.
    start: the payload of a deep link (an invitation code), or None.
    sender_name: the name the platform shows; may be anything, so never trusted.
    edited_at: for a new version of a message that came before (`message_id` says which): when it
    was edited, by the platform's clock. `text` is then the new text or caption; files and the rest
    are left out. Its `event_id` differs from the message's and from any other edit's.
    sender: in a group, the chat in which this program talks with the speaker alone; empty in a chat
    with one person. Of a group only what is meant for the program may be handed on.
    """

    address: Address
    event_id: str
    message_id: str = ""
    text: str = ""
    files: tuple[File, ...] = ()
    location: Location | None = None
    contact: Contact | None = None
    pressed: str | None = None
    reply_to: str | None = None
    group: str | None = None
    start: str | None = None
    sender_name: str = ""
    edited_at: datetime | None = None
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing the person may pick: a label, its number (None for the ways out), what to carry."""

    label: str
    number: int | None
    press: str

    @property
    def caption(self) -> str:
        """The label as a button shows it: with its number in front where it has one.

        A label that begins with a number of its own (3栋) is called by that, never by two.
        """
        if self.number is None or self.label[:1].isdigit():
            return self.label
        return f"{self.number} {self.label}"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one chat: exactly one call on a platform, so that it can be cut only once.

    Either `files` (1 to 10, an album when more than one; `text` is then the caption, at most
    1,024 UTF-16 units, and there are no choices), or a `location`, or a plain `text` of at most
    4,096 UTF-16 units with choices. Text is plain: no channel may read markup into it. With a
    `call`, a platform that has cards of contacts shows one; elsewhere the text says the same.

    ref: the outbox id; `choices` carry it. ticket: the ticket it belongs to, or None.
    exits: the ways out (返回, 取消 ...), shown smaller and without numbers.
    asks_contact / asks_location: offer the platform's own share button.
    reply_to: the platform's id, in the same chat, of the message this one answers.
    """

    ref: int
    text: str = ""
    choices: tuple[Choice, ...] = ()
    exits: tuple[Choice, ...] = ()
    files: tuple[File, ...] = ()
    location: Location | None = None
    call: CallCard | None = None
    asks_contact: bool = False
    asks_location: bool = False
    reply_to: str | None = None
    ticket: int | None = None
    labels: dict[str, str] = field(default_factory=dict)
    """Words of the platform's own buttons, from templates/: ``contact``, ``location``."""
