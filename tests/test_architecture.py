"""The arrows of the design, held by reading every import: channels → bot → handlers → storage."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MOST_LINES = 400
TOO_MANY_LINES = 450

CJK = re.compile("[\u3400-\u9fff\uf900-\ufaff]")

READS_THE_LANGUAGE = {
    "bot/wording.py",  # how a date is written, a filter of the templates
    "handlers/matching.py",  # 第一个, 十二
    "storage/dates.py",  # 下周一, 三天后
    "storage/addresses.py",  # 3栋, 三号楼
    "storage/areas.py",  # 莲花池社区 is 莲花池
    "storage/names.py",
    "storage/sample/plan.py",  # invented data, not sentences
}
"""Modules whose literals are what people write (numerals, units, made-up names), not sentences."""

STARTS_THINGS = ("bot/clock.py", "bot/app.py", "bot/__main__.py", "bot/commands/")
"""Where the present moment is looked up; everything else is given it."""

SEEDED_CHANCE = {"storage/sample/plan.py"}
"""Where a seeded random.Random makes the same sample every time."""


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if "migrations/versions" not in name:
                yield name, ast.parse(path.read_text("utf-8"), name)


def imports(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Every import anywhere in a file: line, module, name ("" for a whole module)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, ""
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here, so that they can be checked"
            for alias in node.names:
                yield node.lineno, node.module or "", alias.name


def top(module: str) -> str:
    return module.split(".")[0]


def forbidden(folder: str, *packages: str) -> list[str]:
    return [
        f"{name}:{line} imports {module}"
        for name, tree in sources(folder)
        for line, module, _ in imports(tree)
        if top(module) in packages
    ]


def test_there_is_something_to_check() -> None:
    assert len(list(sources("bot", "handlers", "storage"))) > 20


def test_storage_knows_nobody() -> None:
    assert forbidden("storage", "bot", "handlers", "telegram", "aiogram", "aiohttp") == []


def test_handlers_know_neither_the_bot_nor_a_platform() -> None:
    assert forbidden("handlers", "bot", "telegram", "aiogram", "aiohttp", "asyncio") == []


def test_channels_know_no_handler() -> None:
    assert forbidden("bot/channels", "handlers") == []


def test_the_program_knows_its_channels_only_where_it_is_put_together() -> None:
    found = [
        f"{name}:{line} imports {module}"
        for name, tree in sources("bot")
        for line, module, imported in imports(tree)
        if f"{module}.{imported}".startswith("bot.channels.")
        and not f"{module}.{imported}".startswith("bot.channels.base")
        and not name.startswith(("bot/channels/", *STARTS_THINGS))
    ]
    assert not found, "\n".join(found)


def test_each_telegram_library_has_one_file() -> None:
    homes = {
        "aiogram": "bot/channels/telegram_aiogram.py",
        "telegram": "bot/channels/telegram_ptb.py",
    }
    found = [
        f"{name}:{line} imports {module}"
        for name, tree in sources("bot", "handlers", "storage")
        for line, module, _ in imports(tree)
        if top(module) in homes and name not in (homes[top(module)], "bot/commands/transcript.py")
    ]
    assert not found, "\n".join(found)


def test_no_sql_outside_storage() -> None:
    allowed = {("sqlalchemy.orm", "Session"), ("sqlalchemy", "Engine")}
    found = [
        f"{name}:{line} imports {imported or module}"
        for name, tree in sources("bot", "handlers")
        for line, module, imported in imports(tree)
        if top(module) in ("sqlalchemy", "alembic", "psycopg", "sqlite3")
        and module != "sqlalchemy.exc"
        and (module, imported) not in allowed
    ]
    assert not found, "\n".join(found)


def spoken_strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string literal that is not a docstring, pieces of f-strings included."""
    documents = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and (id(node) not in documents)
        ):
            yield node.lineno, node.value


def test_no_sentence_in_python() -> None:
    found = [
        f"{name}:{line} {said!r}"
        for name, tree in sources("bot", "handlers", "storage")
        if name not in READS_THE_LANGUAGE
        for line, said in spoken_strings(tree)
        if CJK.search(said)
    ]
    assert not found, "what a person reads stands in templates/:\n" + "\n".join(found)


def test_the_exemptions_are_still_needed() -> None:
    by_name = dict(sources("bot", "handlers", "storage"))
    idle = [
        name
        for name in READS_THE_LANGUAGE
        if name in by_name
        and not any(CJK.search(said) for _, said in spoken_strings(by_name[name]))
    ]
    assert idle == []


CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}


def test_only_the_clock_looks_at_the_clock() -> None:
    """Everything else is given the moment, so that a test can choose it."""
    found = [
        f"{name}:{node.lineno} {node.value.id}.{node.attr}"
        for name, tree in sources("bot", "handlers", "storage")
        if not name.startswith(STARTS_THINGS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in CLOCKS
    ]
    assert not found, "\n".join(found)


def test_nothing_is_left_to_chance() -> None:
    """Where chance is needed it is seeded (samples) or `secrets` (tokens), never module-wide."""
    found = [
        f"{name}:{line} imports random"
        for name, tree in sources("bot", "handlers", "storage")
        if name not in SEEDED_CHANCE
        for line, module, _ in imports(tree)
        if module == "random"
    ]
    found += [
        f"{name}:{node.lineno} random.{node.attr}"
        for name, tree in sources("storage")
        if name in SEEDED_CHANCE
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "random"
        and node.attr != "Random"
    ]
    assert not found, "\n".join(found)


def test_files_stay_short() -> None:
    lengths = {
        name: len((ROOT / name).read_text("utf-8").splitlines())
        for name, _ in sources("bot", "handlers", "storage", "tests")
    }
    for name, lines in lengths.items():
        if MOST_LINES < lines <= TOO_MANY_LINES:
            warnings.warn(f"{name} has {lines} lines: time to split it", stacklevel=1)
    assert [f"{name} has {n} lines" for name, n in lengths.items() if n > TOO_MANY_LINES] == []
