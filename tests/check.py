"""Lint and types: `./dev check`. Prints each tool's own words and fails if one does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHECKS = (
    ("ruff check", [sys.executable, "-m", "ruff", "check", "."]),
    ("ruff format", [sys.executable, "-m", "ruff", "format", "--check", "."]),
    ("mypy", [sys.executable, "-m", "mypy"]),
    ("tests/structure", [sys.executable, "-m", "pytest", "-q", "tests/structure"]),
)


def main() -> int:
    failed = []
    for name, command in CHECKS:
        print(f"» {name}", flush=True)
        if subprocess.call(command, cwd=ROOT):
            failed.append(name)
    print("all checks passed" if not failed else f"failed: {', '.join(failed)}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
