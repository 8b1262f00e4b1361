"""Which earlier matters a new one reads like: pure functions, no database, no clock.

`Stream` is what the talk and the command line use; `Matter` and `Suggestion` are its words.
"""

from storage.alike.matter import Matter, Suggestion
from storage.alike.stream import Stream, suggest

__all__ = ["Matter", "Stream", "Suggestion", "suggest"]
