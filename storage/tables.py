"""Every table of the project in one import, for migrations and for tests."""

from storage.appointments import Appointment
from storage.areas import Area, Household
from storage.audit import AuditHead, AuditLine
from storage.bookings import Booking
from storage.calendars import CalendarDay, CalendarRule
from storage.conversations import Conversation
from storage.directory.care import EntryReport
from storage.directory.referrals import Referral
from storage.directory.rotation import EntryShowing
from storage.directory.tables import DirectoryMark, MissedSearch, NeedWord
from storage.duty_runs import DutyRun
from storage.entries import Entry
from storage.exchange import Introduction, Listing
from storage.guides import FaqRow, GuideRow
from storage.inbox import InboundMessage
from storage.invitations import Invitation
from storage.limbo import LimboCheck
from storage.media import MediaFile
from storage.mediation_tables import (
    Mediation,
    MediationAgreement,
    MediationAnswer,
    MediationFollowUp,
    MediationMeeting,
    MediationSide,
)
from storage.notices.replies import NoticeReply
from storage.notices.tables import Notice, Receipt
from storage.outbox import OutboundMessage
from storage.papers import PaperPhoto
from storage.people import Account, Person
from storage.places import Place, PlaceDay
from storage.posts import Absence, Post
from storage.preferences import Preference
from storage.report_jobs import ReportJob
from storage.rota import RotaRow
from storage.rules import ServiceRule
from storage.senders import Sender
from storage.teams import TeamCard, TeamChat
from storage.tickets import (
    Ticket,
    TicketEvent,
    TicketExclusion,
    TicketMessage,
    TicketParty,
    TicketRating,
    TicketSource,
    TicketStage,
)
from storage.visits import Visit

__all__ = [
    "Absence",
    "Account",
    "Appointment",
    "Area",
    "AuditHead",
    "AuditLine",
    "Booking",
    "CalendarDay",
    "CalendarRule",
    "Conversation",
    "DirectoryMark",
    "DutyRun",
    "Entry",
    "EntryReport",
    "EntryShowing",
    "FaqRow",
    "GuideRow",
    "Household",
    "InboundMessage",
    "Introduction",
    "Invitation",
    "LimboCheck",
    "Listing",
    "MediaFile",
    "Mediation",
    "MediationAgreement",
    "MediationAnswer",
    "MediationFollowUp",
    "MediationMeeting",
    "MediationSide",
    "MissedSearch",
    "NeedWord",
    "Notice",
    "NoticeReply",
    "OutboundMessage",
    "PaperPhoto",
    "Person",
    "Place",
    "PlaceDay",
    "Post",
    "Preference",
    "Receipt",
    "Referral",
    "ReportJob",
    "RotaRow",
    "Sender",
    "ServiceRule",
    "TeamCard",
    "TeamChat",
    "Ticket",
    "TicketEvent",
    "TicketExclusion",
    "TicketMessage",
    "TicketParty",
    "TicketRating",
    "TicketSource",
    "TicketStage",
    "Visit",
]
