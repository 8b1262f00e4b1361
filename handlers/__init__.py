"""What people say and hear. Importing this package's modules fills `handlers.talk.HANDLERS`."""

from importlib import import_module

from handlers.talk import HANDLERS, Handlers

MODULES = (
    "admins.directory",
    "admins.exchange",
    "admins.lexicon",
    "admins.services",
    "edits",
    "front_desk",
    "introducing",
    "limbo",
    "looks",
    "mediation.agreement",
    "mediation.answers",
    "mediation.arranging",
    "mediation.following",
    "mediation.outcome",
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
    "residents.places",
    "residents.request",
    "residents.services",
    "residents.targets",
    "residents.verdict",
    "residents.violence",
    "residents.who",
    "staff.assigning",
    "staff.away",
    "staff.binding",
    "staff.briefing",
    "staff.errand",
    "staff.exclusion",
    "staff.figures",
    "staff.find",
    "staff.leave",
    "staff.passing",
    "staff.phrases",
    "staff.quiet",
    "staff.reception",
    "staff.split",
    "staff.story",
    "staff.tasks",
    "staff.team",
    "staff.work",
    "timing",
)


def load() -> Handlers:
    """Import every conversation and action; all that can answer, by name."""
    for module in MODULES:
        import_module(f"handlers.{module}")
    return HANDLERS
