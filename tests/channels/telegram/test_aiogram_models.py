"""aiogram's models are built when they are used (bot/channels/aiogram_models.py), and can be.

In a process of its own: in this one the tests have imported aiogram long ago.
"""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import bot.channels.telegram_aiogram
from aiogram import methods, types
from aiogram.methods.base import Response

def models(module):
    found = [getattr(module, name) for name in module.__all__]
    return [one for one in found if hasattr(one, "__pydantic_complete__")]

everything = models(types) + models(methods)
late = [one for one in everything if not one.__pydantic_complete__]
some = late[::12]  # building all takes half a minute

def use(model):
    # pydantic looks five calls up for names it does not know
    def deeper(left):
        return deeper(left - 1) if left else model.__pydantic_validator__.rebuild()
    return deeper(5)

for one in some:
    use(one)
broken = [one.__name__ for one in some if not one.__pydantic_complete__]
used = (methods.SendMessage, methods.SendMediaGroup, methods.GetMe, methods.GetFile)
results = [Response[one.__returning__] for one in used]
broken += [one.__name__ for one in results if not one.__pydantic_complete__]
print(len(late), len(some), broken)
"""


def test_every_model_is_built_when_it_is_used_and_hardly_one_before() -> None:
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True, timeout=120
    ).stdout.split(maxsplit=2)
    assert int(told[0]) > 400, "aiogram built its models at once"
    assert int(told[1]) > 30
    assert told[2].strip() == "[]"
