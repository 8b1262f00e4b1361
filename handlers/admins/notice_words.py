"""The words of a notice, with photos or a document, or a ready-made text to copy and fill."""

from __future__ import annotations

from handlers.questions import Answered, Json, Missed, Option, Partly, Prompt, Reading, Story
from handlers.talk import Said, Talk
from storage.names import bare
from storage.notices import settings

MOST_FILES = 10


class Words(Story):
    """What a notice says. forms: ready-made texts are offered.

    Words are needed, and no blank of a ready-made text may be left; they fit into one message.
    """

    def __init__(self, name: str, /, *, forms: bool = False, **facts: Json) -> None:
        super().__init__(name, most=MOST_FILES, **facts)
        self._forms = forms

    def prompt(self, talk: Talk, draft: Json) -> Prompt:
        draft = draft or {}
        if "form" in draft:
            return Prompt("filled", {**self.facts, "label": settings.forms()[draft["form"]].label})
        if "blanks" in draft:
            return Prompt("blanks", {**self.facts, "blanks": draft["blanks"]})
        if "long" in draft:
            most = settings.most_units()
            return Prompt("long", {**self.facts, "most": most, "long": draft["long"]})
        if draft.get("media"):
            files = {"files": len(draft["media"]), "lost": draft.get("lost", 0)}
            return Prompt("more", {**self.facts, **files, "most": MOST_FILES})
        forms = settings.forms().values() if self._forms else ()
        return Prompt("ask", self.facts, [Option(form.key, form.label) for form in forms])

    def read(self, said: Said, picked: Option | None, talk: Talk, draft: Json) -> Reading:
        before = draft or {}
        kept = {
            **self.empty(),
            "media": list(before.get("media", [])),
            "lost": before.get("lost", 0),
        }
        form = picked.value if picked else self._called(said)
        if form:
            # A message of its own, so that a long press copies the text and nothing else.
            talk.refuse("notice/form", text=settings.forms()[form].text)
            return self._partly(talk, {**kept, "form": form})
        if not (said.text.strip() or said.media):
            return Missed()
        story = {**self.add(kept, said), "location": None}
        text = story["text"]
        blanks = settings.blanks_left(text)
        if blanks:
            return self._partly(talk, {**self._without_words(story), "blanks": blanks})
        if settings.units(text) > settings.most_units():
            return self._partly(talk, {**self._without_words(story), "long": settings.units(text)})
        return Answered(story) if text else self._partly(talk, story)

    def _called(self, said: Said) -> str:
        """The ready-made text that is called so: whoever changed their mind types its name."""
        forms = settings.forms().values() if self._forms and not said.media else ()
        return next((one.key for one in forms if bare(one.label) == bare(said.text)), "")

    def add(self, story: dict[str, Json] | None, said: Said) -> dict[str, Json]:
        """As for any story; `lost` counts the files that one notice cannot carry."""
        had = len((story or {}).get("media", [])) + len(said.media)
        lost = (story or {}).get("lost", 0) + max(0, had - MOST_FILES)
        return {**super().add(story, said), "lost": lost}

    def holds(self, stored: Json, talk: Talk) -> bool:
        text = stored["text"]
        fits = settings.units(text) <= settings.most_units()
        return bool(text) and fits and not settings.blanks_left(text)

    def unfinished(self, stored: Json) -> Json:
        return self._without_words(stored)

    def _partly(self, talk: Talk, draft: Json) -> Reading:
        return Partly(draft, self.prompt(talk, draft))

    def _without_words(self, story: Json) -> Json:
        return {**self.empty(), "media": story["media"], "lost": story.get("lost", 0)}
