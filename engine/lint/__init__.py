"""The linter: one rule per file, the same findings on the command line, at publication and in the browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from engine import forms
from engine.bundle import Bundle, bundle_of, read_bundle
from engine.errors import Field, ModelRefused, XunzhenError
from engine.lint.english import english
from engine.lint.finding import Finding, Severity, Subject
from engine.lint.posts import load_posts
from engine.lint.rules import (
    data_flow,
    dead_branch,
    ends,
    event_gateways,
    events,
    expressions,
    flow_conditions,
    gateways,
    implicit,
    message_flows,
    names,
    not_runnable,
    properties,
    readability,
    references,
    routing,
    sheets,
    stage_time,
    stuck,
    tables,
    terms,
    types,
    uncaught,
)
from engine.model import Process
from engine.terms import Terms
from engine.terms_file import load_terms

__all__ = ["Finding", "Severity", "Subject", "lint_bundle", "lint_path", "load_posts"]

RULES = (
    not_runnable, stuck, references, routing, terms, stage_time, expressions, types, data_flow, flow_conditions, dead_branch, events,
    uncaught, event_gateways, message_flows, implicit, gateways, ends, properties, names, readability, tables, sheets,
)  # fmt: skip
_ORDER = {"error": 0, "warning": 1, "info": 2}


def lint_bundle(
    bundle: Bundle,
    *,
    terms: Terms,
    posts: Mapping[str, Mapping[str, Any]],
    known_processes: Set[str] = frozenset(),
    known_forms: Set[str] = frozenset(),
    known_decisions: Set[str] = frozenset(),
    codes: Mapping[str, Any] | None = None,
    around: Mapping[str, Process] | None = None,
    tables: Mapping[str, bytes] | None = None,
    given: Set[str] = frozenset(),
    known_jobs: Set[str] = frozenset(),
    on: date = date.max,
) -> list[Finding]:
    """Findings of all rules, errors first. `on`: the day whose terms and choices of the district count (default: the newest)."""
    subject = Subject(
        bundle,
        terms,
        posts,
        known_processes,
        known_forms,
        known_decisions,
        codes or {},
        around or {},
        tables or {},
        given,
        known_jobs,
        on,
    )
    found = [_both(finding) for rule in RULES for finding in rule.check(subject)]
    return sorted(found, key=lambda f: (_ORDER[f.severity], f.file, f.line or 0, f.element or ""))


def _both(finding: Finding) -> Finding:
    """With its English, where the rule did not bring any."""
    if finding.message_en and finding.remedy_en:
        return finding
    message, remedy = english(finding.message), english(finding.remedy)
    return replace(finding, message_en=finding.message_en or message, remedy_en=finding.remedy_en or remedy)


def names_of(bundles: Iterable[Bundle]) -> set[str]:
    """Names the forms of bundles give: sections and fields."""
    found: set[str] = set()
    for bundle in bundles:
        for raw in bundle.forms.values():
            with suppress(XunzhenError):
                form = forms.load(raw)
                found |= {form.section or ""} | {field.key.split(".")[0] for field in form.fields}
    return found - {""}


def tables_of(bundles: Iterable[Bundle]) -> dict[str, bytes]:
    """The decision tables of bundles."""
    return {
        f"{b.key}/{name}": data for b in bundles for name, data in b.files.items() if name.endswith(".dmn")
    }


def unreadable(error: XunzhenError, file: str) -> list[Finding]:
    """A file that cannot be read, as findings."""
    if isinstance(error, ModelRefused):
        return [_both(not_runnable.finding(refusal, file)) for refusal in error.refusals]
    where = error.fields or (Field("", error.message),)
    line = error.data.get("line")
    named = str(error.data.get("file") or file)
    return [
        _both(
            Finding(
                named, f.path or None, None, line, error.code, "error", f.message, "请改正后再试", str(error)
            )
        )
        for f in where
    ]


def lint_path(path: Path, processes: Path, known_jobs: Set[str] = frozenset()) -> list[Finding]:
    """Lint a bundle folder, a folder of bundles, or one file of a bundle; terms, posts and neighbours come from `processes`."""
    if path.is_file():
        return _lint_file(path, processes, known_jobs)
    folders = (
        [path]
        if any(p.suffix in (".bpmn", ".dmn", ".form") for p in path.iterdir())
        else sorted(p for p in path.iterdir() if p.is_dir())
    )
    found: list[Finding] = []
    around: dict[str, Bundle] = {}
    for folder in {*folders, *(p for p in processes.iterdir() if p.is_dir() and p.name != "calendars")}:
        try:
            around[folder.name] = read_bundle(folder)
        except XunzhenError as error:
            if folder in folders:
                found += unreadable(error, folder.name)
    return found + _lint_all(
        [around[f.name] for f in folders if f.name in around], around, processes, known_jobs
    )


def _lint_file(path: Path, processes: Path, known_jobs: Set[str]) -> list[Finding]:
    """One file by itself: its neighbours only tell what it may refer to."""
    try:
        alone = bundle_of(path.parent.name, {path.name: path.read_bytes()})
    except XunzhenError as error:
        return unreadable(error, path.name)
    around = {alone.key: alone}
    for folder in (p for p in processes.iterdir() if p.is_dir() and p.name != "calendars"):
        with suppress(XunzhenError):
            around[f"{folder.name}/"] = read_bundle(folder)
    for beside in sorted(path.parent.iterdir()):
        if beside.suffix in (".bpmn", ".dmn", ".form") and beside != path:
            with suppress(XunzhenError):
                around[beside.name] = bundle_of(beside.name, {beside.name: beside.read_bytes()})
    return _lint_all([alone], around, processes, known_jobs)


def _lint_all(
    bundles: Sequence[Bundle], around: Mapping[str, Bundle], processes: Path, known_jobs: Set[str]
) -> list[Finding]:
    found: list[Finding] = []
    table, posts = load_terms(processes / "terms.toml"), load_posts(processes / "posts.toml")
    found += [_both(finding) for finding in terms.deciders(table, posts)]
    for bundle in bundles:
        found += lint_bundle(
            bundle,
            terms=table,
            posts=posts,
            known_processes={p for b in around.values() for p in b.processes},
            known_forms={f for b in around.values() for f in b.forms},
            known_decisions={d for b in around.values() for d in b.decisions},
            codes={key: value for b in around.values() for key, value in b.codes.items()},
            around={p.id: p for b in around.values() for p in b.processes.values()},
            tables=tables_of(around.values()),
            given=names_of(around.values()),
            known_jobs=known_jobs,
        )
    return found
