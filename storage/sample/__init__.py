"""A sample county to try the bot with, the same from the same seed; nobody in it exists."""

from storage.sample.load import Made, NotEmpty, make
from storage.sample.plan import SCALES, ScaleName

__all__ = ["SCALES", "Made", "NotEmpty", "ScaleName", "make"]
