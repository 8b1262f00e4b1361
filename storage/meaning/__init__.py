"""What a resident's words mean: about what, how urgent, and whether somebody is in danger."""

from storage.meaning.dangers import Danger, dangers, dangers_in
from storage.meaning.files import OTHER, Kind, kinds
from storage.meaning.meaning import Meaning, classify

__all__ = ["OTHER", "Danger", "Kind", "Meaning", "classify", "dangers", "dangers_in", "kinds"]
