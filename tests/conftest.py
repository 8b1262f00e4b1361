"""What every test stands on: no network, no developer's settings, both databases.

A test that asks for `engine`, `session` or `database_url` runs twice, on SQLite and on PostgreSQL,
each time on an empty, migrated database of its own. `sqlite_url` and `postgres_url` are for tests
of one of them, `unmigrated_url` for the migrations' own.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import bot.channels.telegram_aiogram  # noqa: F401  before a test imports aiogram: see late_models
from bot import logs
from bot.settings import Settings
from storage.database import migrate, open_engine
from storage.vault import Vault, open_vault
from tests import guard as network
from tests import quick
from tests.chromium import find_chromium
from tests.postgres import FAST, PostgresServer

ROOT = Path(__file__).parent.parent

# Before any test module is imported: the developer's own settings and proxies do not exist.
for _name in list(os.environ):
    if _name.lower() in Settings.model_fields or _name.lower().endswith("_proxy"):
        del os.environ[_name]
Settings.model_config["env_file"] = None
# Programs that a test starts find this project from any folder, and are kept off the network too.
os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "guarded")])

hypothesis_settings.register_profile(
    "local", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile(
    "ci", hypothesis_settings.get_profile("local"), derandomize=True
)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say which browser there is: a quiet run shows no report header."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    found = find_chromium()
    line = f"browser: {found}" if found else "no Chromium here: the browser tests are skipped"
    if reporter is not None:
        reporter.write_line(line)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that nobody waits for them in the end: real programs and histories."""
    items.sort(key=lambda item: not _is_long(item))


def pytest_collection_finish() -> None:
    """Everything is imported."""
    quick.lay_memory_aside()


def _is_long(item: pytest.Item) -> bool:
    return (
        bool({"reliability", "permissions"} & set(item.path.parts))
        or "properties" in item.path.name
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a browser where there is none."""
    if item.get_closest_marker("browser") and not find_chromium():
        pytest.skip("no Chromium here")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser; a test that asks for it is skipped where there is none."""
    found = find_chromium()
    if not found:
        pytest.skip("no Chromium here")
    return found


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths (the default database, `.env`) lead into the test's own folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Fail the test that tried to leave this machine, even if the code under test hid it."""
    network.refused.clear()
    yield
    if network.refused:
        pytest.fail("; ".join(network.refused))


@pytest.fixture(autouse=True)
def _logging_put_back() -> Iterator[None]:
    """Commands set up logging for their whole process, which here is every other test's too."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.CHATTY}
    yield
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key file with one fixed key, the same for the whole run."""
    path = tmp_path_factory.mktemp("key") / "test.key"
    seal = "dGVzdHMgb25seSwgbmV2ZXIgYSByZWFsIGtleSAhISE="
    path.write_text(f"seal {seal}\nfind {'0f' * 32}\n")
    path.chmod(0o600)
    return path


@pytest.fixture(scope="session")
def vault(key_file: Path) -> Vault:
    """The vault that every test database is sealed with."""
    return open_vault(key_file, create=False)


@pytest.fixture(scope="session")
def now() -> datetime:
    """A fixed working Monday."""
    return datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def _migrated_postgres(options: dict[str, str], vault: Vault) -> PostgresServer:
    server = PostgresServer(options)
    try:
        engine = open_engine(server.create(name="migrated_template"), vault)
        migrate(engine)
        engine.dispose()
    except BaseException:
        server.stop()
        raise
    return server


@pytest.fixture(scope="session")
def postgres_server(vault: Vault) -> Iterator[PostgresServer]:
    """A server that is quick and forgets everything in a crash."""
    server = _migrated_postgres(FAST, vault)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def durable_postgres_server(vault: Vault) -> Iterator[PostgresServer]:
    """A server with PostgreSQL's own settings, for tests that kill something."""
    server = _migrated_postgres({}, vault)
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty, migrated PostgreSQL database."""
    url = postgres_server.create(template="migrated_template")
    yield url
    postgres_server.drop(url)


@pytest.fixture
def durable_postgres_url(durable_postgres_server: PostgresServer) -> Iterator[str]:
    """An empty, migrated PostgreSQL database whose commits survive a crash."""
    url = durable_postgres_server.create(template="migrated_template")
    yield url
    durable_postgres_server.drop(url)


@pytest.fixture(scope="session")
def _migrated_sqlite(tmp_path_factory: pytest.TempPathFactory, vault: Vault) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_engine(f"sqlite:///{path}", vault)
    migrate(engine)
    engine.dispose()  # the last connection to close folds the write-ahead log into the file
    return path


@pytest.fixture
def sqlite_url(_migrated_sqlite: Path, tmp_path: Path) -> str:
    """An empty, migrated SQLite file (with the durable settings the program runs with)."""
    path = tmp_path / "jiamenkou.db"
    shutil.copyfile(_migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty, migrated database; the test runs on both kinds."""
    url: str = request.getfixturevalue(
        "sqlite_url" if request.param == "sqlite" else "postgres_url"
    )
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it, no table either; the test runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'unmigrated.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
def engine(database_url: str, vault: Vault) -> Iterator[Engine]:
    """The engine of an empty, migrated database."""
    engine = quick.share_statements(open_engine(database_url, vault))
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on `engine`; what the test does not commit is undone."""
    with Session(engine) as session:
        yield session
