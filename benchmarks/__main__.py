"""`make bench`: every figure beside its rival, printed and written to benchmarks/results.md.

    python -m benchmarks                 # all of them
    python -m benchmarks conversation    # these alone; then nothing is written

Each module named in `MODULES` has a function `rows() -> list[Row]`.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.table import Row, machine, markdown

MODULES = ("conversation", "loopback", "postgres", "latency", "broadcast", "reads", "at_rest")
RESULTS = Path(__file__).parent / "results.md"


def main() -> None:
    """Run the benchmarks named on the command line, or all."""
    named = sys.argv[1:]
    unknown = sorted(set(named) - set(MODULES))
    if unknown:
        raise SystemExit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(MODULES)}")
    found: list[Row] = []
    for name in named or MODULES:
        rows: list[Row] = import_module(f"benchmarks.{name}").rows()
        print(markdown(rows), flush=True)
        found += rows
    if not named:
        _write(found)


def _write(rows: list[Row]) -> None:
    day = datetime.now(UTC).date().isoformat()
    RESULTS.write_text(
        f"# What `make bench` measured\n\n{day}, {machine()}.\n\n"
        "Each figure stands beside its rival's of the same run; medians of five rounds or more, in"
        " which the two take turns.\n\n" + markdown(rows),
        "utf-8",
    )


if __name__ == "__main__":
    main()
