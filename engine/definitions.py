"""Deployments: immutable, numbered versions of bundles; which version a new case takes; drafts.

A case pins the versions of its own bundle and of every bundle it can reach by calls, as they were in force when it
started (`pin_sets`). Nothing published later changes an open case.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import func, insert, or_, select
from sqlalchemy.exc import IntegrityError

from engine import dmn, forms
from engine.bundle import Bundle, bundle_of
from engine.db import Tx, dumps, made, new_id
from engine.errors import Invalid, ModelRefused, NotFound, Refusal, XunzhenError
from engine.model import Node, Process
from engine.runner import Program, compile_program
from engine.runner.values import Decided
from engine.tables import cases, deployed_processes, deployment_files, deployments, pin_sets

COMMON = "common"
"""The bundle whose forms, tables and code lists every case may use."""


@dataclass(frozen=True)
class Deployed:
    """A version of a bundle as stored."""

    id: str
    bundle: str
    name: str
    version: int
    digest: str
    deployed_at: datetime


@dataclass
class Pinned:
    """Everything a case runs on: compiled once per pin set, shared by threads, never changed."""

    digest: str
    bundles: Mapping[str, Bundle]
    deployments: Mapping[str, str]
    program: Program
    processes: Mapping[str, Process]
    owner: Mapping[str, str]  # process id → bundle key
    versions: Mapping[str, int]  # bundle key → version
    _forms: dict[tuple[str, str], forms.Form] = field(default_factory=dict)
    _models: dict[str, dmn.Model] = field(default_factory=dict)

    def node(self, process: str, element: str) -> Node:
        return self.processes[process].nodes[element]

    def form(self, process: str, key: str) -> forms.Form:
        """The form of that id: the process's own bundle first, then the common one, then the others."""
        own = self.owner[process]
        for bundle in dict.fromkeys([own, COMMON, *self.bundles]):
            if bundle in self.bundles and key in self.bundles[bundle].forms:
                return self.form_of(bundle, key)
        raise NotFound(f"找不到表单 {key}。", f"There is no form {key}.")

    def all_forms(self) -> list[forms.Form]:
        """Every form of the pinned bundles."""
        return [self.form_of(bundle.key, key) for bundle in self.bundles.values() for key in bundle.forms]

    def form_of(self, bundle: str, key: str) -> forms.Form:
        if (bundle, key) not in self._forms:
            self._forms[bundle, key] = forms.load(self.bundles[bundle].forms[key])
        return self._forms[bundle, key]

    def _tables(self) -> list[bytes]:
        """Every DMN file of the pinned bundles, for imports."""
        return [
            file for b in self.bundles.values() for name, file in b.files.items() if name.endswith(".dmn")
        ]

    @cached_property
    def codes(self) -> dict[str, Any]:
        """Code lists, common ones first so that a bundle may refine them."""
        found: dict[str, Any] = {}
        for bundle in sorted(self.bundles.values(), key=lambda b: b.key != COMMON):
            found.update(bundle.codes)
        return found

    @cached_property
    def options(self) -> dict[str, dict[str, str]]:
        """The words of coded answers: key of an input → value → label, as far as every form says the same."""
        found: dict[str, dict[str, str]] = {}
        for form in self.all_forms():
            for key, value, label in form.labels(self.codes):
                known = found.setdefault(key, {})
                known[value] = label if known.get(value, label) == label else value
        return found

    def decide(
        self, decision: str, variables: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> Decided:
        """Evaluate a decision by id, wherever in the pinned bundles it is."""
        for bundle in self.bundles.values():
            if decision in bundle.decisions:
                if decision not in self._models:
                    file = bundle.files[bundle.decisions[decision]]
                    self._models[decision] = dmn.load(file, self._tables())
                made = self._models[decision].decide(decision, variables, functions)
                source = {
                    "name": self._models[decision].decisions.get(decision, decision),
                    "bundle": bundle.key,
                    "version": self.versions[bundle.key],
                    "file": bundle.decisions[decision],
                }
                return Decided(made.value, made.matched, made.errors, made.explained, source)
        raise NotFound(f"找不到决策表 {decision}。", f"There is no decision {decision}.")


# ------------------------------------------------------------------------------------------ deploying
def check(bundle: Bundle) -> None:
    """Refuse what cannot run right, before anything is stored: models, tables, forms."""
    if bundle.processes:
        compile_program(bundle.processes.values())
    refusals: list[Any] = []
    tables = [content for name, content in bundle.files.items() if name.endswith(".dmn")]
    for decision, file in _by_file(bundle.decisions):
        try:
            dmn.load(bundle.files[file], tables).check()
        except ModelRefused as refused:
            refusals.extend(replace(r, file=file) for r in refused.refusals)
        except XunzhenError as error:
            refusals.append(Refusal(decision, error.message, "请修改决策表后再部署", file=file))
    for key, raw in bundle.forms.items():
        try:
            forms.load(raw)
        except XunzhenError as error:
            refusals.append(Refusal(key, error.message, "请修改表单后再部署", file=f"{key}.form"))
    if refusals:
        raise ModelRefused(refusals)


def _by_file(decisions: Mapping[str, str]) -> list[tuple[str, str]]:
    """One decision of each file."""
    return [(decision, file) for file, decision in {f: d for d, f in decisions.items()}.items()]


def deploy(
    tx: Tx,
    bundle: Bundle,
    *,
    now: datetime,
    by: str | None = None,
    valid_from: datetime | None = None,
    note: str = "",
) -> Deployed:
    """Store a new version; the same content as the newest version changes nothing."""
    check(bundle)
    last = latest(tx, bundle.key)
    if last is not None and last.digest == bundle.digest:
        return last
    made = Deployed(new_id(), bundle.key, bundle.name, (last.version if last else 0) + 1, bundle.digest, now)
    tx.run(
        insert(deployments),
        {
            "id": made.id,
            "bundle": made.bundle,
            "name": made.name,
            "version": made.version,
            "digest": made.digest,
            "deployed_at": now,
            "deployed_by": by,
            "valid_from": valid_from or now,
            "note": note,
        },
    )
    rows = [
        {"deployment_id": made.id, "name": name, "content": content} for name, content in bundle.files.items()
    ]
    tx.run(insert(deployment_files), rows)
    if bundle.processes:
        tx.run(insert(deployed_processes), [_process_row(made.id, p) for p in bundle.processes.values()])
    return made


def _process_row(deployment: str, process: Process) -> dict[str, Any]:
    starts: dict[str, dict[str, str]] = {"message": {}, "signal": {}}
    for node in process.in_scope(process.id):
        if node.type == "startEvent" or node.instantiate:
            for event in node.events:
                if event.kind in starts and event.name:
                    starts[event.kind][event.name] = node.id
    called = {(n.called_element, n.bound_tag or "") for n in process.nodes.values() if n.called_element}
    return {
        "deployment_id": deployment,
        "process": process.id,
        "name": process.name,
        "executable": process.executable,
        "start_messages": starts["message"],
        "start_signals": starts["signal"],
        "calls": [{"process": key, "tag": tag} if tag else key for key, tag in sorted(called)],
        "version_tag": process.version_tag,
    }


_DEPLOYED = [deployments.c[n] for n in ("id", "bundle", "name", "version", "digest", "deployed_at")]


def latest(tx: Tx, bundle: str) -> Deployed | None:
    query = (
        select(*_DEPLOYED)
        .where(deployments.c.bundle == bundle)
        .order_by(deployments.c.version.desc())
        .limit(1)
    )
    row = tx.run(query).one_or_none()
    return made(Deployed, row) if row else None


def in_force(tx: Tx, now: datetime) -> dict[str, Deployed]:
    """The version each bundle's new cases take at that instant."""
    query = (
        select(*_DEPLOYED)
        .where(
            deployments.c.valid_from <= now,
            or_(deployments.c.valid_to.is_(None), deployments.c.valid_to > now),
        )
        .order_by(deployments.c.version)
    )
    return {row.bundle: made(Deployed, row) for row in tx.run(query)}


def files(tx: Tx, deployment: str) -> dict[str, bytes]:
    query = select(deployment_files.c.name, deployment_files.c.content)
    return {
        row.name: row.content for row in tx.run(query.where(deployment_files.c.deployment_id == deployment))
    }


def bundle_of_deployment(tx: Tx, deployed: Deployed) -> Bundle:
    """What a version holds."""
    return _bundle(tx, deployed.bundle, deployed.id)


def process_of(tx: Tx, deployment: str, process: str) -> Process:
    (deployed,) = by_id(tx, [deployment])
    return bundle_of_deployment(tx, deployed).processes[process]


def versions(tx: Tx) -> dict[str, int]:
    """Newest version number per bundle."""
    newest = func.max(deployments.c.version).label("newest")
    query = select(deployments.c.bundle, newest).group_by(deployments.c.bundle)
    return {row.bundle: row.newest for row in tx.run(query)}


# ------------------------------------------------------------------------------------------ pinning
def pin(tx: Tx, process: str, now: datetime) -> str:
    """The digest of the pin set a case of `process` takes now; stored on first use. Raises as `chosen_now` does."""
    return stored(tx, chosen_now(tx, process, now))


def chosen_now(tx: Tx, process: str, now: datetime) -> dict[str, str]:
    """Bundle → deployment for a case of `process` that starts now.

    Calls take the versions in force, or the one that carries the version tag they are bound to. Raises NotFound for a process or
    tag nobody deployed, Invalid when one case would need two versions of a bundle.
    """
    force = in_force(tx, now)
    by_deployment = {d.id: d for d in force.values()}
    homes, inside = _homes(tx, by_deployment)
    if process not in homes:
        raise NotFound(f"没有部署流程 {process}。", f"The process {process} is not deployed.")
    chosen: dict[str, str] = {COMMON: force[COMMON].id} if COMMON in force else {}
    todo: list[tuple[str, str]] = [(process, "")]
    seen: set[tuple[str, str]] = set()
    while todo:
        current, tag = todo.pop()
        if (current, tag) in seen or (not tag and current not in homes):
            continue
        seen.add((current, tag))
        home = _tagged(tx, current, tag) if tag else by_deployment[homes[current]]
        if chosen.setdefault(home.bundle, home.id) != home.id:
            raise Invalid(
                f"一件案件不能同时使用流程包 {home.bundle} 的两个版本（{current} 绑定了版本标签 {tag or '最新'}）。",
                f"one case needs two versions of {home.bundle}",
                code="version_conflict",
            )
        if home.id not in inside:
            inside |= _homes(tx, [home.id])[1]
        todo.extend(call for calls in inside[home.id].values() for call in calls)
    return chosen


def started_by(tx: Tx, kind: str, name: str, now: datetime) -> list[tuple[str, str]]:
    """The executable processes a message or signal of this name starts: (process, start event), where new cases take them from."""
    p = deployed_processes.c
    held = p.start_messages if kind == "message" else p.start_signals
    homes, _ = _homes(tx, [d.id for d in in_force(tx, now).values()])
    query = select(p.process, p.deployment_id, held.label("held")).where(
        p.deployment_id.in_(set(homes.values())), p.executable
    )
    return sorted(
        (row.process, row.held[name])
        for row in tx.run(query)
        if homes[row.process] == row.deployment_id and name in (row.held or {})
    )


def repinned(tx: Tx, digest: str, deployment: Deployed, now: datetime) -> dict[str, str]:
    """What a pin set would be with one bundle on another version; bundles that version newly calls come in as in force now."""
    chosen = chosen_by(tx, digest) | {deployment.bundle: deployment.id}
    force = in_force(tx, now)
    by_id = {d.id: d for d in force.values()}
    homes, _ = _homes(tx, by_id)
    while True:
        _, inside = _homes(tx, chosen.values())
        called = {key for calls in inside.values() for of in calls.values() for key, _tag in of}
        known = {process for calls in inside.values() for process in calls}
        missing = [by_id[homes[key]] for key in sorted(called - known) if key in homes]
        if not missing:
            return chosen
        chosen.setdefault(missing[0].bundle, missing[0].id)
        if chosen[missing[0].bundle] != missing[0].id:
            return (
                chosen  # an older version of that bundle is pinned and lacks the process: compiling says so
            )


def chosen_by(tx: Tx, digest: str) -> dict[str, str]:
    """Bundle → deployment id of a pin set."""
    return dict(tx.run(select(pin_sets.c.deployments).where(pin_sets.c.digest == digest)).scalar_one())


def digest_of(chosen: Mapping[str, str]) -> str:
    return hashlib.sha256(dumps(chosen).encode()).hexdigest()


def stored(tx: Tx, chosen: Mapping[str, str]) -> str:
    """The digest of a pin set, stored on first use."""
    digest = digest_of(chosen)
    if tx.run(select(pin_sets.c.digest).where(pin_sets.c.digest == digest)).scalar_one_or_none() is None:
        # Two first cases at once: the savepoint lets the loser go on with the winner's row.
        with suppress(IntegrityError), tx.savepoint():
            tx.run(insert(pin_sets), {"digest": digest, "deployments": chosen})
    return digest


def _homes(tx: Tx, ids: Iterable[str]) -> tuple[dict[str, str], dict[str, dict[str, list[tuple[str, str]]]]]:
    """Where processes live – process → deployment – and what each calls: deployment → process → (process, tag)."""
    p = deployed_processes.c
    homes: dict[str, str] = {}
    inside: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for row in tx.run(select(p.process, p.deployment_id, p.calls).where(p.deployment_id.in_(list(ids)))):
        homes[row.process] = row.deployment_id
        inside.setdefault(row.deployment_id, {})[row.process] = [
            (call, "") if isinstance(call, str) else (call["process"], call["tag"]) for call in row.calls
        ]
    return homes, inside


def _tagged(tx: Tx, process: str, tag: str) -> Deployed:
    """The newest deployment whose process carries a version tag."""
    query = (
        select(*_DEPLOYED)
        .join(deployed_processes)
        .where(deployed_processes.c.process == process, deployed_processes.c.version_tag == tag)
        .order_by(deployments.c.version.desc())
        .limit(1)
    )
    row = tx.run(query).one_or_none()
    if row is None:
        raise NotFound(
            f"没有部署带版本标签 {tag} 的流程 {process}。", f"No version of {process} carries the tag {tag}."
        )
    return made(Deployed, row)


_cache: dict[str, Pinned] = {}
_bundles: dict[str, Bundle] = {}
_lock = threading.Lock()
CACHE = 64
BUNDLES = 256


def _bundle(tx: Tx, key: str, deployment: str) -> Bundle:
    """A deployed bundle as read. Cached for the process: a deployment never changes."""
    found = _bundles.get(deployment)
    if found is None:
        found = bundle_of(key, files(tx, deployment))
        with _lock:
            while len(_bundles) >= BUNDLES:
                _bundles.pop(next(iter(_bundles)))
            _bundles[deployment] = found
    return found


def pinned(tx: Tx, digest: str) -> Pinned:
    """The compiled pin set. Cached for the process: content never changes under a digest."""
    return _cache.get(digest) or compiled(tx, chosen_by(tx, digest))


def coming(tx: Tx, process: str, now: datetime) -> Pinned:
    """What a case of `process` that starts now would run on; for forms shown before there is a case. Writes nothing."""
    return compiled(tx, chosen_now(tx, process, now))


def compiled(tx: Tx, chosen: Mapping[str, str]) -> Pinned:
    """A pin set compiled, whether it is stored yet or not."""
    digest = digest_of(chosen)
    found = _cache.get(digest)
    if found is None:
        found = _load(tx, digest, chosen)
        with _lock:
            while len(_cache) >= CACHE:
                _cache.pop(next(iter(_cache)))
            _cache[digest] = found
    return found


def _load(tx: Tx, digest: str, chosen: Mapping[str, str]) -> Pinned:
    bundles = {key: _bundle(tx, key, deployment) for key, deployment in sorted(chosen.items())}
    processes = {p.id: p for bundle in bundles.values() for p in bundle.processes.values()}
    owner = {p: bundle.key for bundle in bundles.values() for p in bundle.processes}
    program = compile_program(processes.values())
    numbers = {d.bundle: d.version for d in by_id(tx, chosen.values())}
    return Pinned(digest, bundles, chosen, program, processes, owner, numbers)


def pins_of(tx: Tx, case_ids: Iterable[str]) -> dict[str, str]:
    """Pin set digest per case."""
    query = select(cases.c.id, cases.c.pins).where(cases.c.id.in_(list(case_ids)))
    return {row.id: row.pins for row in tx.run(query)}


def by_id(tx: Tx, ids: Iterable[str]) -> list[Deployed]:
    return [made(Deployed, row) for row in tx.run(select(*_DEPLOYED).where(deployments.c.id.in_(list(ids))))]
