"""Photos and documents: uploaded once, stored by content, read by whoever may see what they belong to."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Response, UploadFile
from pydantic import BaseModel

from api.deps import Read, Write
from casework import attachments, files
from engine.errors import Invalid, NotFound

router = APIRouter(prefix="/api/files", tags=["files"])


class Stored(BaseModel):
    id: str
    name: str
    size: int
    type: str


@router.post("")
def upload(at: Write, file: UploadFile) -> Stored:
    """Keep a photo or document (at most 10 MB; pictures and PDF)."""
    content = file.file.read(files.MAX_BYTES + 1)
    if len(content) > files.MAX_BYTES:
        raise Invalid("文件超过 10 MB，请压缩后再传。", "The file is larger than 10 MB.", code="too_large")
    kept = files.store(at.tx, file.filename or "附件", content, at.actor.id, at.now)
    return at.done(Stored(id=kept.id, name=kept.name, size=kept.size, type=kept.type))


@router.get("/{file_id}")
def download(at: Read, file_id: str) -> Response:
    """The file, for who may read the case or record it belongs to. Served as an attachment unless it is a picture, never
    interpreted as a page."""
    access = attachments.access(at.tx, at.actor, file_id, at.now)
    if access is None:
        raise NotFound("没有这个附件，或您无权查看。", "No such file.")
    if access.view is not None:
        at.shown(access.view)
    kept, content = files.read(at.tx, file_id)
    how = "inline" if kept.type.startswith("image/") or kept.type == "application/pdf" else "attachment"
    headers = {
        "Content-Disposition": f"{how}; filename*=UTF-8''{quote(kept.name)}",
        "Cache-Control": "private, no-store" if access.view is not None else "private, max-age=86400",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content, media_type=kept.type, headers=headers)
