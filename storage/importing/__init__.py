"""Lists that a county keeps in spreadsheets, brought into the database."""

from storage.importing.reading import headings
from storage.importing.report import KINDS, BadRow, Kind, Report
from storage.importing.run import import_file
from storage.importing.service_rows import service_lines

__all__ = ["KINDS", "BadRow", "Kind", "Report", "headings", "import_file", "service_lines"]
