"""Lists that a county keeps in spreadsheets, brought into the database."""

from storage.importing.directory_rows import directory_lines
from storage.importing.reading import heading_of, headings
from storage.importing.report import KINDS, BadRow, Kind, Report
from storage.importing.run import import_file
from storage.importing.service_rows import service_lines

__all__ = [
    "KINDS",
    "BadRow",
    "Kind",
    "Report",
    "directory_lines",
    "heading_of",
    "headings",
    "import_file",
    "service_lines",
]
