"""aiogram's models are built when they are used, and pydantic is as it was for everybody else."""

from __future__ import annotations

from aiogram.methods import SetGameScore
from aiogram.types import ChatFullInfo, Message
from pydantic import BaseModel


def test_what_nobody_uses_is_not_built_and_what_is_used_is_whole() -> None:
    # Nothing in this project knows of these two.
    for model in (ChatFullInfo, SetGameScore):
        assert not model.__pydantic_complete__
    score = SetGameScore(user_id="7", score=3)  # type: ignore[arg-type]
    assert score.user_id == 7
    said = {"message_id": 5, "date": 0, "chat": {"id": 7, "type": "private"}, "text": "早"}
    chat = {"id": 7, "type": "private", "accent_color_id": 0, "max_reaction_count": 0}
    chat["accepted_gift_types"] = dict.fromkeys(
        (
            "unlimited_gifts",
            "limited_gifts",
            "unique_gifts",
            "premium_subscription",
            "gifts_from_channels",
        ),
        True,
    )
    chat["pinned_message"] = said
    pinned = ChatFullInfo.model_validate(chat).pinned_message
    assert isinstance(pinned, Message)
    assert pinned.text == "早"


def test_other_models_are_built_as_ever() -> None:
    assert BaseModel.model_config == {}

    class Other(BaseModel):
        number: int

    assert Other.__pydantic_complete__
    assert Other.model_rebuild(force=True)
