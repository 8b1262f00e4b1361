"""What people say and hear. Importing this package's modules fills `handlers.registry.HANDLERS`."""

from collections.abc import Callable
from importlib import import_module
from typing import TypeVar

from handlers.registry import HANDLERS, Daily, Duty, Handlers

Due = TypeVar("Due", Duty, Daily)

MODULES = (
    "admins.directory",
    "admins.exchange",
    "admins.for_residents",
    "admins.lexicon",
    "admins.notice_approval",
    "admins.notice_board",
    "admins.notice_changes",
    "admins.notice_replies",
    "admins.notice_retime",
    "admins.notice_waiting",
    "admins.notices",
    "admins.services",
    "edits",
    "erasing",
    "front_desk",
    "introducing",
    "limbo",
    "looks",
    "mediation.agreement",
    "mediation.answers",
    "mediation.arranging",
    "mediation.following",
    "mediation.outcome",
    "mediation.spoken",
    "permits",
    "relay",
    "residents.arrival",
    "residents.behalf",
    "residents.booking",
    "residents.canteen",
    "residents.careful",
    "residents.complaint",
    "residents.crisis",
    "residents.directory",
    "residents.emergency",
    "residents.entry_report",
    "residents.exchange",
    "residents.guide_help",
    "residents.guides",
    "residents.leave_word",
    "residents.legal",
    "residents.me_too",
    "residents.meant",
    "residents.menu",
    "residents.my_requests",
    "residents.notices",
    "residents.openings",
    "residents.own_data",
    "residents.places",
    "residents.request",
    "residents.services",
    "residents.targets",
    "residents.verdict",
    "residents.violence",
    "residents.who",
    "staff.aside",
    "staff.assigning",
    "staff.away",
    "staff.binding",
    "staff.briefing",
    "staff.coming_back",
    "staff.errand",
    "staff.exclusion",
    "staff.figures",
    "staff.find",
    "staff.finishing",
    "staff.hurry",
    "staff.leave",
    "staff.looked_after",
    "staff.more_time",
    "staff.passing",
    "staff.phrases",
    "staff.quiet",
    "staff.reception",
    "staff.replying",
    "staff.said",
    "staff.split",
    "staff.story",
    "staff.tasks",
    "staff.team",
    "staff.visit_told",
    "staff.visits",
    "staff.work",
    "timing",
)


def load() -> Handlers:
    """Import every conversation and action; all that can answer, by name.

    What falls due in the same look is done in the order of `MODULES`, whoever imported what first:
    the morning's briefing is counted before the ladder takes a late ticket away.
    """
    for module in MODULES:
        import_module(f"handlers.{module}")
    _put_in_order(HANDLERS.duties)
    _put_in_order(HANDLERS.dailies)
    return HANDLERS


def _put_in_order(registered: dict[str, Due]) -> None:
    in_order = sorted(registered.items(), key=lambda item: _place(item[1].do))
    registered.clear()
    registered.update(in_order)


def _place(do: Callable[..., None]) -> int:
    """Where a duty's module stands in `MODULES`; behind them all for one that tests bring."""
    name = do.__module__.removeprefix("handlers.")
    return MODULES.index(name) if name in MODULES else len(MODULES)
