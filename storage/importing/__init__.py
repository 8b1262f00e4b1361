"""Lists that a county keeps in spreadsheets, brought into the database."""

from storage.importing.reading import headings
from storage.importing.report import KINDS, BadRow, Kind, Report
from storage.importing.run import import_file

__all__ = ["KINDS", "BadRow", "Kind", "Report", "headings", "import_file"]
