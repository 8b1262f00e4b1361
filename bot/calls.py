"""What was taken to be sent and has not ended, and how many places it leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.parcels import Parcel

FOR_ANSWERS = 32
"""Places that notices never take."""


@dataclass(slots=True)
class Calls:
    """The messages under way, by the id of their row.

    One that hangs takes no place any more, so that a few calls without an answer do not stop all;
    but it counts again where more hang than there are places.
    """

    _parcels: dict[int, Parcel] = field(default_factory=dict)
    _hanging: set[int] = field(default_factory=set)
    _busy: Counter[tuple[str, bool]] = field(default_factory=Counter)
    _hang: Counter[tuple[str, bool]] = field(default_factory=Counter)

    def refs(self) -> frozenset[int]:
        """All of them."""
        return frozenset(self._parcels)

    def add(self, parcel: Parcel) -> None:
        """It was taken."""
        self._parcels[parcel.ref] = parcel
        self._busy[_kind(parcel)] += 1

    def hangs(self, ref: int) -> None:
        """It left long ago and nothing was heard of it."""
        if ref in self._parcels and ref not in self._hanging:
            self._hanging.add(ref)
            self._busy[_kind(self._parcels[ref])] -= 1
            self._hang[_kind(self._parcels[ref])] += 1

    def hung(self, ref: int) -> bool:
        """Whether it was said of it that it hangs."""
        return ref in self._hanging

    def gone(self, ref: int) -> None:
        """Its end was noted."""
        parcel = self._parcels.pop(ref)
        counted = self._hang if ref in self._hanging else self._busy
        counted[_kind(parcel)] -= 1
        self._hanging.discard(ref)

    def busy(self, channels: Collection[str], *, answers: bool, most: float = float("inf")) -> int:
        """How many places are taken in these channels. most: how many may hang and take none."""
        kinds = [(channel, not answers) for channel in channels]
        hanging = sum(self._hang[kind] for kind in kinds)
        return sum(self._busy[kind] for kind in kinds) + int(max(0, hanging - most))

    def places(self, channels: Collection[str], most: int) -> tuple[int, int]:
        """How many more may be under way: of all, and of answers. most: how many notices."""
        notices = self.busy(channels, answers=False, most=most)
        answers = self.busy(channels, answers=True, most=FOR_ANSWERS)
        left = most + FOR_ANSWERS - notices - answers
        return min(most - notices, left), left


def _kind(parcel: Parcel) -> tuple[str, bool]:
    return parcel.address.channel, parcel.broadcast
