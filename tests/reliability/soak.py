"""The kill test at length:

python -m tests.reliability.soak --kills 100 --updates 5000 --database sqlite|postgresql
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

from storage.database import migrate, open_engine
from storage.vault import open_vault
from tests.postgres import PostgresServer
from tests.reliability.kills import run_kills


def main() -> None:
    """Run it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--updates", type=int, default=5000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--residents", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=240, help="stop killing after this")
    parser.add_argument("--longest", type=float, default=3.0, help="seconds between kills")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jmk-soak-")))
        url = f"sqlite:///{folder / 'soak.db'}"
        if asked.database == "postgresql":
            server = PostgresServer({})
            stack.callback(server.stop)
            url = server.create()
        key_file = folder / "soak.key"
        engine = open_engine(url, open_vault(key_file, create=True))
        stack.callback(engine.dispose)
        migrate(engine)
        figures = asyncio.run(
            run_kills(
                folder,
                engine,
                url,
                key_file,
                seed=asked.seed,
                kills=asked.kills,
                updates=asked.updates,
                residents=asked.residents,
                seconds=asked.seconds,
                longest=asked.longest,
                patience=240,
            )
        )
        print(figures)


if __name__ == "__main__":
    main()
