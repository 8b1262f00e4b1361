"""aiogram's models, built when each is used first.

aiogram makes pydantic build the validators of all its types (444) as it is imported. That takes
four fifths of the import, about as long as everything else from the program's start to its first
answer; a bot uses a few dozen of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel


@contextmanager
def built_when_used() -> Iterator[None]:
    """Import aiogram in here: pydantic is then told what the names in a model's annotations mean,
    and builds the model when it is used. Does nothing when aiogram is there already."""
    names: dict[str, Any] = {}

    def note(
        model: type[BaseModel], *, _types_namespace: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        names.update(_types_namespace or {})
        _tell(model, names)

    build = BaseModel.__dict__["model_rebuild"]
    BaseModel.model_rebuild = classmethod(note)  # type: ignore[arg-type,assignment,method-assign]
    try:
        yield
    finally:
        BaseModel.model_rebuild = build  # type: ignore[method-assign]
    if names:
        _finish(names)


def _tell(model: type[BaseModel], names: dict[str, Any]) -> None:
    if not model.__pydantic_complete__:
        model.__pydantic_parent_namespace__ = names


def _finish(names: dict[str, Any]) -> None:
    """What aiogram defines on top of its types, and what it takes for finished."""
    from aiogram import methods, types
    from aiogram.methods.base import Response

    for name in methods.__all__:
        _tell(getattr(methods, name), names)
    _tell(Response, names)
    # An answer is read as Response[Message] and the like, made of a type that must be built.
    for model in (types.Update, types.Message, types.User, types.File):
        model.model_rebuild(_types_namespace=names)
