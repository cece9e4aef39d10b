"""Photos and documents, stored by content under the data folder."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import insert, select

from casework.tables import files
from engine.db import Tx, new_id
from engine.errors import Invalid, NotFound

MAX_BYTES = 10_000_000
TYPES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"%PDF": "application/pdf",
    b"GIF8": "image/gif",
}


@dataclass(frozen=True, slots=True)
class File:
    id: str
    name: str
    size: int
    type: str


def kind_of(content: bytes) -> str:
    """The type by content, never by name. Raises Invalid for anything but pictures and PDF."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    found = next((kind for head, kind in TYPES.items() if content.startswith(head)), None)
    if found is None:
        raise Invalid(
            "只接受图片（JPEG、PNG、WebP、GIF）和 PDF。", "Only pictures and PDF.", code="file_type"
        )
    return found


def place(data: Path, digest: str) -> Path:
    """Where the content with this SHA-256 lies."""
    return data / "files" / digest[:2] / digest


def put(data: Path, digest: str, content: bytes) -> None:
    """Keep content under its SHA-256: whole or not at all, whatever happens meanwhile."""
    path = place(data, digest)
    if path.exists() and path.stat().st_size == len(content):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{digest}.{new_id()}.part")
    part.write_bytes(content)
    part.replace(path)


def store(
    tx: Tx, name: str, content: bytes, by: str | None, now: datetime, *, kind: str | None = None
) -> File:
    """Keep a file. `kind`: the type of a document the system made itself; what people send is judged by content."""
    kind, digest = kind or kind_of(content), hashlib.sha256(content).hexdigest()
    put(tx.world.data, digest, content)
    kept = File(new_id(), name[:200], len(content), kind)
    tx.run(
        insert(files),
        {
            "id": kept.id,
            "name": kept.name,
            "type": kind,
            "size": kept.size,
            "digest": digest,
            "by": by,
            "at": now,
        },
    )
    return kept


def read(tx: Tx, file_id: str) -> tuple[File, bytes]:
    row = tx.run(select(files).where(files.c.id == file_id)).one_or_none()
    path = place(tx.world.data, row.digest) if row is not None else None
    if row is None or path is None or not path.exists():
        raise NotFound("没有这个附件。", "No such file.")
    return File(row.id, row.name, row.size, row.type), path.read_bytes()
