"""Lists that a county keeps in spreadsheets, brought into the database."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from storage.importing.directory_rows import directory_lines
from storage.importing.guide_rows import faq_lines, guide_lines
from storage.importing.place_rows import place_lines
from storage.importing.reading import heading_of, headings
from storage.importing.report import KINDS, BadRow, Kind, Report
from storage.importing.run import import_file
from storage.importing.service_rows import service_lines

EXPORTS: dict[str, Callable[[Session], list[list[str]]]] = {
    "services": service_lines,
    "directory": directory_lines,
    "guides": guide_lines,
    "faqs": faq_lines,
    "places": place_lines,
}
"""The lists that can be written out as they stand, changed and imported again."""

__all__ = [
    "EXPORTS",
    "KINDS",
    "BadRow",
    "Kind",
    "Report",
    "directory_lines",
    "heading_of",
    "headings",
    "import_file",
    "place_lines",
    "service_lines",
]
