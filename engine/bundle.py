"""A bundle: one folder with models, tables, forms and code lists, read whole, addressed by content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from engine.errors import Invalid, ModelRefused, Refusal
from engine.model import Process
from engine.reader import read
from engine.xml import children, local, parse

SUFFIXES = (".bpmn", ".dmn", ".form", ".json", ".md")
CODES = "codes.json"
MAX_JSON = 2_000_000
KEPT = 256
_kept: dict[tuple[str, str], Bundle] = {}
"""Bundles by key and digest: the same content is read once in a process, from a folder or from the database."""


@dataclass(frozen=True)
class Bundle:
    """`forms`: form id → file content; `decisions`: decision id → file name; `codes`: name → options."""

    key: str
    name: str
    files: Mapping[str, bytes]
    digest: str
    processes: Mapping[str, Process] = field(default_factory=dict)
    forms: Mapping[str, bytes] = field(default_factory=dict)
    form_files: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Any] = field(default_factory=dict)


def read_bundle(path: Path) -> Bundle:
    """The bundle in a folder; the folder's name is its key."""
    files = {p.name: p.read_bytes() for p in sorted(path.iterdir()) if p.suffix in SUFFIXES and p.is_file()}
    return bundle_of(path.name, files)


def bundle_of(key: str, files: Mapping[str, bytes]) -> Bundle:
    """A bundle from its files. Raises Invalid (with file and line) for what cannot be read, ModelRefused for models."""
    digest = digest_of(files)
    found = _kept.get((key, digest))
    if found is None:
        found = _read(key, files, digest)
        if len(_kept) >= KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key, digest] = found
    return found


def _read(key: str, files: Mapping[str, bytes], digest: str) -> Bundle:
    processes: dict[str, Process] = {}
    forms: dict[str, bytes] = {}
    form_files: dict[str, str] = {}
    decisions: dict[str, str] = {}
    codes: dict[str, Any] = {}
    refusals: list[Refusal] = []
    for name in sorted(files):
        content = files[name]
        if name.endswith(".bpmn"):
            try:
                for process in read(content, name).processes:
                    if process.id in processes:
                        refusals.append(_doubled("流程", process.id, name, processes[process.id].file))
                    processes[process.id] = process
            except ModelRefused as refused:
                refusals.extend(refused.refusals)
        elif name.endswith(".dmn"):
            for decision in _decisions(name, content):
                if decision in decisions:
                    refusals.append(_doubled("决策", decision, name, decisions[decision]))
                decisions[decision] = name
        elif name.endswith(".form"):
            form = _json(name, content)
            form_id = str(form.get("id") or name.removesuffix(".form"))
            if form_id in forms:
                refusals.append(_doubled("表单", form_id, name, form_files[form_id]))
            forms[form_id], form_files[form_id] = content, name
        elif name == CODES:
            codes = _json(name, content)
    if refusals:
        raise ModelRefused(refusals)
    return Bundle(key, _name(key, files), dict(files), digest, processes, forms, form_files, decisions, codes)


def _doubled(word: str, key: str, file: str, other: str | None) -> Refusal:
    return Refusal(
        key,
        f"{word} id {key} 在 {other} 里已经有了",
        "改用不同的 id",
        file=file,
        message_en=f"{key} is in {other} as well",
    )


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents, independent of their order."""
    seen = hashlib.sha256()
    for name in sorted(files):
        seen.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(files[name]).digest())
    return seen.hexdigest()


def _name(key: str, files: Mapping[str, bytes]) -> str:
    """The first heading of README.md."""
    for line in files.get("README.md", b"").decode(errors="replace").splitlines():
        if line.startswith("# "):
            return line[2:].strip()
    return key


def _json(name: str, content: bytes) -> dict[str, Any]:
    if len(content) > MAX_JSON:
        raise Invalid(
            f"{name} 超过 {MAX_JSON // 1_000_000} MB，请拆分。",
            f"{name} is too large.",
            code="broken_json",
            file=name,
        )
    try:
        data = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        message = f"{name} 第 {error.lineno} 行第 {error.colno} 列不是合法的 JSON。"
        raise Invalid(
            message, f"{name}: {error.msg}", code="broken_json", file=name, line=error.lineno
        ) from None
    if not isinstance(data, dict):
        raise Invalid(f"{name} 的内容须是对象。", f"{name} is not an object.", code="broken_json", file=name)
    return data


def _decisions(name: str, content: bytes) -> list[str]:
    try:
        root = parse(content)
    except Invalid as error:
        error.data["file"] = name
        raise
    if local(root) != "definitions":
        raise Invalid(f"{name} 不是 DMN 文件。", f"{name} is not a DMN file.", code="broken_xml", file=name)
    return [e.get("id") or e.get("name") or "" for e in children(root) if local(e) == "decision"]
