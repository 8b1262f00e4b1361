"""Searching the directory of services around the corner, in the words people use."""

from storage.directory.hours import open_now
from storage.directory.lexicon import need_titles
from storage.directory.loading import directory, needs, search, spot
from storage.directory.marks import mark_changed
from storage.directory.places import NoSuchCompound, compound_called
from storage.directory.search import Directory, Hit, Spot
from storage.directory.tables import MissedSearch, NeedWord
from storage.directory.words import forget, misses, note_miss, settle, taught, teach

__all__ = [
    "Directory",
    "Hit",
    "MissedSearch",
    "NeedWord",
    "NoSuchCompound",
    "Spot",
    "compound_called",
    "directory",
    "forget",
    "mark_changed",
    "misses",
    "need_titles",
    "needs",
    "note_miss",
    "open_now",
    "search",
    "settle",
    "spot",
    "taught",
    "teach",
]
