"""What the table of rights comes to, in a form that a person can read through.

`python -m tests.permissions.golden` prints what stands in tests/data/permissions.txt; after a
change of the table, look at the difference line by line before you keep it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from storage import permissions
from storage.database import migrate, open_engine
from storage.tickets import Ticket
from storage.vault import Vault
from tests.permissions.county import VARIANTS, County, found

FILE = Path(__file__).parents[1] / "data" / "permissions.txt"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HEAD = """\
# Who may do what, walked through for everybody of tests/permissions/county.py. Made from
# storage/data/permissions.toml by `python -m tests.permissions.golden`, read by a person, and held
# by tests/permissions: a line is an action, the kind of ticket, and who may do it.
#
# role@own: by a post over the place; @near: beside it (another compound, another building);
# @far: in another community. These have no part in the ticket. owner, party: a lawyer's part in it;
# "party elsewhere" serves another community by now; a former one's post has ended; a deputy stands
# in for an absent lawyer, "deputy after" did; "secretary's deputy" stands in for an absent compound
# secretary and has no part in the ticket. accused: the ticket of kind about_worker is about
# them, and about nobody in the others. "neighbour lawyer" is also liaison of the filer's building.
# queued: a confidential matter that nobody answers for. mediated: a mediation; "other side" is whom
# its mediator brings together with the filer, and is a stranger to all others.
"""


def lines(session: Session, county: County) -> Iterator[str]:
    """One line for each action and kind of ticket; for an action of no ticket one line."""
    table = permissions.table()
    who = {variant: _relations(session, county, variant) for variant in VARIANTS}
    for action in sorted(table.open):
        yield f"{action} | everybody"
    for action in sorted(table.staff):
        may = [n for n, p in county.people.items() if permissions.holds_a_post(session, p, NOW)]
        without = [name for name in county.people if name not in may]
        yield f"{action} | whoever holds a post, so not: {', '.join(without)}"
    for action in sorted(table.area):
        may = [
            name
            for name, person in county.people.items()
            if permissions.allows_in(session, action, person, county.home, NOW)
        ]
        yield f"{action} | {', '.join(may)}"
    for action, wanted in table.ticket.items():
        for variant in VARIANTS:
            may = [name for name, has in who[variant].items() if has & wanted]
            yield f"{action} | {variant} | {', '.join(may) or 'nobody'}"


def _relations(session: Session, county: County, variant: str) -> dict[str, frozenset[str]]:
    ticket = session.get_one(Ticket, county.tickets[variant])
    return {
        name: permissions.relations(session, person, ticket, NOW)
        for name, person in county.people.items()
    }


def main() -> None:
    """Print the file."""
    with TemporaryDirectory() as folder:
        vault = Vault([b"A" * 43 + b"="], b"golden")
        engine = open_engine(f"sqlite:///{folder}/golden.db", vault)
        migrate(engine)
        with Session(engine) as session:
            county = found(session, NOW)
            print(HEAD, *lines(session, county), sep="\n")
        engine.dispose()


if __name__ == "__main__":
    main()
