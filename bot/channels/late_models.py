"""Pydantic models of a library that are built when they are first used, not when it is imported.

aiogram builds 630 models while it is imported, many of them with most of the others inside: 80 %
of the seconds from this program's start to its first answer, and a hundred MiB that stay. A
program uses some twenty of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

_any: Any = BaseModel  # what is done here to its methods is not in their types
_built_in = vars(BaseModel)["model_rebuild"]


class LateModels:
    """What the library wanted to build its models with, kept for when they are used."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {}
        self._built: set[type[BaseModel]] = set()

    def note(self, **options: Any) -> None:
        """Take the place of pydantic's `model_rebuild`, and only remember the names."""
        self._names.update(options.get("_types_namespace") or {})

    def are(self, *bases: type[BaseModel]) -> None:
        """Models below these find the names that the library would have built them with.

        Pydantic itself asks a model to build itself at its first use.
        """

        def build(model: type[BaseModel], /, **options: Any) -> bool | None:
            done: bool | None = _built_in.__func__(
                model, **options | {"_types_namespace": self._names}
            )
            # Else `Response[Message]` goes with its last user, and is built again by the next.
            self._built.add(model)
            return done

        if not self._names:
            return  # the library was there before, and everything is built
        base: Any
        for base in bases:
            base.model_rebuild = classmethod(build)


@contextmanager
def built_when_used() -> Iterator[LateModels]:
    """What is imported in here builds no model yet."""
    late = LateModels()
    _any.model_config["defer_build"] = True
    _any.model_rebuild = classmethod(lambda _, **options: late.note(**options))
    try:
        yield late
    finally:
        del _any.model_config["defer_build"]
        _any.model_rebuild = _built_in
