"""A draft's files: what they may be called, how they are read, and the bundles in force around them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import definitions
from engine.bundle import Bundle, bundle_of
from engine.db import Tx
from engine.errors import Invalid

MAX_FILES = 200
MAX_TEXT = 5_000_000
FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}\.(bpmn|dmn|form)")
"""What a new file of a draft may be called."""

Over = Mapping[str, str | None]
"""Texts over those of a draft, as on a screen; None takes a file away."""


@dataclass(frozen=True, slots=True)
class Around:
    """A draft as read (`own`) in the company of everything else in force; `before`: what it would replace."""

    own: Bundle
    before: Bundle
    others: Mapping[str, Bundle]

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        return (self.own, *self.others.values())

    @property
    def codes(self) -> dict[str, Any]:
        """Code lists, the common ones first and the draft's last, so that a bundle may refine them."""
        found: dict[str, Any] = {}
        for bundle in (*sorted(self.others.values(), key=lambda b: b.key != definitions.COMMON), self.own):
            found.update(bundle.codes)
        return found


def merged(files: Mapping[str, str], over: Over) -> dict[str, str]:
    """Files with others over them. Raises Invalid for names no bundle has, too many, too large."""
    for name in over.keys() - files.keys():
        if not FILE_NAME.fullmatch(name):
            raise Invalid(
                f"文件名“{name}”不能用：小写字母开头，只含小写字母、数字和下划线，以 .bpmn、.dmn 或 .form 结尾。",
                "A file of a bundle is called like lead_report.form.",
                code="bad_file_name",
            )
    made = {name: text for name, text in {**files, **over}.items() if text is not None}
    if len(made) > MAX_FILES or any(len(text or "") > MAX_TEXT for text in over.values()):
        raise Invalid("文件过多或过大。", "Too many or too large files.")
    return made


def readable(bundle: str, files: Mapping[str, str]) -> Bundle:
    """The bundle these texts are. Raises Invalid or ModelRefused for what cannot be read."""
    return bundle_of(bundle, {name: text.encode() for name, text in files.items()})


def neighbours(tx: Tx, bundle: str, now: datetime) -> dict[str, Bundle]:
    """The other bundles in force."""
    force = definitions.in_force(tx, now)
    return {key: definitions.bundle_of_deployment(tx, d) for key, d in force.items() if key != bundle}


def newest(tx: Tx, bundle: str) -> tuple[int | None, Bundle]:
    """The newest version of a bundle and its number; an empty one if there is none."""
    last = definitions.latest(tx, bundle)
    return (
        (last.version, definitions.bundle_of_deployment(tx, last)) if last else (None, bundle_of(bundle, {}))
    )


def around(tx: Tx, bundle: str, files: Mapping[str, str], now: datetime) -> Around:
    """Files as a bundle among its neighbours. Raises Invalid or ModelRefused for what cannot be read."""
    return Around(readable(bundle, files), newest(tx, bundle)[1], neighbours(tx, bundle, now))
