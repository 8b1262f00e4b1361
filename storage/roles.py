"""What the roles are called: their labels and the other names a list may use for them."""

from __future__ import annotations

import tomllib
from functools import cache

from storage.names import DATA, bare
from storage.posts import Role


@cache
def _table() -> dict[Role, str]:
    content = tomllib.loads((DATA / "roles.toml").read_text("utf-8"))
    return {role: content[role.value]["label"] for role in Role}


@cache
def _names() -> dict[str, Role]:
    content = tomllib.loads((DATA / "roles.toml").read_text("utf-8"))
    return {
        bare(name): role
        for role in Role
        for name in (role.value, content[role.value]["label"], *content[role.value]["also"])
    }


def label(role: Role | str) -> str:
    """What people call a role (网格员). Raises ValueError for a word that is no role."""
    return _table()[Role(role)]


def role_named(text: str) -> Role | None:
    """The role that a list calls `text`; None when no role is called so."""
    return _names().get(bare(text))


def names() -> list[str]:
    """Every role's label, in the order of the ladder."""
    return list(_table().values())
