"""`./dev bench`: the benchmark on SQLite and on a real, throw-away PostgreSQL. `bench.py sizes`: the runner alone, by size; `speed`: FEEL and a step in memory;
`clocks [N]`: N (100,000) clocks due in the same minute."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from cli import bench_clocks
from cli.bench import measure, show
from tests import sizes, speed
from tests.servers import Postgres


def told(line: str) -> None:
    print(f"  {line}", file=sys.stderr)


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine, plain, pipelined = (
            f"sqlite:///{folder}/{name}.db" for name in ("engine", "plain", "pipelined")
        )
        show(measure(engine, plain, pipelined, rounds, told))
    with Postgres() as server:
        show(measure(server.database(), server.database(), server.database(), rounds, told))


def flood(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(bench_clocks.show(bench_clocks.measure(f"sqlite:///{folder}/clocks.db", count, told)))
    with Postgres() as server:
        print(bench_clocks.show(bench_clocks.measure(server.database(), count, told)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["clocks"]:
        flood(int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
        sys.exit()
    if sys.argv[1:] in (["sizes"], ["speed"]):
        for row in (sizes if sys.argv[1] == "sizes" else speed).main():
            print(row)
        sys.exit()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
