"""The rooms and floors of the house, read from the syntax trees (architecture: imports go down only)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = {
    "engine": set(),
    "casework": {"engine"},
    "tasks": {"engine", "casework"},
    "api": {"engine", "casework", "tasks"},
    "cli": {"engine", "casework", "tasks", "api"},
}
"""What each room may import of the others."""

FLOOR = {
    0: {
        "errors", "settings", "model", "calendar", "terms", "deadline", "moments", "receipt", "feel", "dmn", "forms", "routing", "xml",
        "reader", "bundle", "values",
    },
    1: {"runner", "db", "tables", "world", "hosting", "trial", "lint", "difference", "examining", "replay"},
    2: {"definitions", "worklist", "jobs", "clocks", "subscriptions", "incidents", "history", "state", "wallclock", "requests", "schedules", "legal", "lateness", "storable"},
    3: {"step", "before_step", "recusal", "filling", "duties", "recording", "cases", "hands", "asking", "moving", "locking", "starting", "messages", "undelivered", "publishing", "limits", "correcting", "reprojection", "clockwork", "reminders"},
}  # fmt: skip
LEDGERS_MAY_SHARE = {("worklist", "clocks"), ("legal", "legal_basis")}
"""A task row is due by the earliest clock, so the worklist knows the clock value; the district's choices lie over the basis as
deployed. No other ledger knows another."""


def modules(room: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        parts = path.relative_to(ROOT / room).with_suffix("").parts
        yield parts[0], path


def imports(path: Path) -> Iterator[tuple[str, int, bool]]:
    """(dotted module, line, is it inside a function) of every import of our own rooms."""
    tree = ast.parse(path.read_text())
    inner = {
        id(node)
        for f in ast.walk(tree)
        if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(f)
    }
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.split(".")[0] in ROOMS:
                yield name, node.lineno, id(node) in inner


def floor_of(module: str) -> int | None:
    return next(
        (
            floor
            for floor, names in FLOOR.items()
            if module.split("_", maxsplit=1)[0] in names or module in names
        ),
        None,
    )


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_below(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for _, path in modules(room)
        for name, line, _ in imports(path)
        if name.split(".")[0] not in ROOMS[room] | {room}
    ]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_import_hides_in_a_function(room: str) -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{line} imports {name} inside a function"
        for _, path in modules(room)
        for name, line, inside in imports(path)
        if inside
    ]
    assert hidden == []


def test_every_engine_module_has_a_floor() -> None:
    homeless = {name for name, _ in modules("engine") if name != "__init__" and floor_of(name) is None}
    assert homeless == set()


def test_engine_imports_go_down_only() -> None:
    wrong = []
    for name, path in modules("engine"):
        own = floor_of(name)
        for target, line, _ in imports(path):
            if target.startswith("engine.runner.values") or own is None:
                continue  # frozen values without behaviour, for every floor
            other_name = target.split(".")[1]
            other = floor_of(other_name)
            same_ledger = own == 2 and other == 2 and other_name != name
            if other is not None and (
                other > own or (same_ledger and (name, other_name) not in LEDGERS_MAY_SHARE)
            ):
                wrong.append(
                    f"{path.relative_to(ROOT)}:{line}: floor {own} imports {target} of floor {other}"
                )
    assert wrong == []


def test_one_importer_of_spiffworkflow() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for _, path in modules(room)
        if "SpiffWorkflow" in path.read_text()
        and not path.is_relative_to(ROOT / "engine" / "runner")
        and any("SpiffWorkflow" in line and "import" in line for line in path.read_text().splitlines())
    ]
    assert wrong == []


def test_nothing_below_the_entry_points_asks_the_host_clock() -> None:
    asking = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in ("engine", "casework")
        for _, path in modules(room)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    ]
    assert asking == []


@pytest.mark.parametrize("room", [*ROOMS, "tests", "migrations"])
def test_files_stay_readable(room: str) -> None:
    long = [
        str(p.relative_to(ROOT))
        for p in (ROOT / room).rglob("*.py")
        if "versions" not in p.parts and len(p.read_text().splitlines()) > 500
    ]
    assert long == []
