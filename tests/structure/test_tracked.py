"""What git tracks: no index address, no machine path, nothing built."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"https?://[^\s\"']*(/simple/|/packages/|\.whl|\.tgz)|\"resolved\":")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def test_no_index_address_and_no_machine_path() -> None:
    homes = [str(ROOT.parent) + "/", str(Path.home()) + "/"]
    wrong = []
    for path in tracked():
        if path.suffix in (".png", ".ttf", ".otf", ".woff2") or path == Path(__file__):
            continue
        text = path.read_text(errors="replace")
        if ADDRESS.search(text) or any(home in text for home in homes if len(home) > 3):
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


def test_nothing_built_is_tracked() -> None:
    built = re.compile(r"(^|/)(node_modules|dist|__pycache__|\.venv)/|\.(pyc|db|sqlite3?)$")
    assert [str(p.relative_to(ROOT)) for p in tracked() if built.search(p.relative_to(ROOT).as_posix())] == []
