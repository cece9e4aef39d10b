"""What a form file says, as frozen values: one `Input` per question, with everything a check needs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from engine.feel import Expression

Codes = Mapping[str, Sequence[Mapping[str, Any]]]
"""Code lists by name: `{"hardship_cause": [{"value": "11", "label": "重病"}, …]}`."""


class Kind(StrEnum):
    """What a value is. Component type and `properties.kind` of the file decide it together."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"  # int where integral, else float
    MONEY = "money"  # yuan, Decimal, at least 0, at most two decimals
    DATE = "date"  # ISO text YYYY-MM-DD
    DATETIME = "datetime"  # ISO text with offset, normalised to +08:00
    BOOLEAN = "boolean"  # 是/否
    TICK = "tick"  # a checkbox; required means it must be ticked
    CODE = "code"  # one option
    CODES = "codes"  # several options
    PERSON = "person"  # id of a staff member
    PERSONS = "persons"
    AREA = "area"  # path of an area
    FILES = "files"  # ids of uploaded photos or files
    SIGNATURE = "signature"  # the signer's name, or a drawn image as data URL
    REFERENCE = "reference"  # id of something else (`of` says what)
    POSITION = "position"  # {"latitude", "longitude", "accuracy"?}
    TABLE = "table"  # list of rows


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a value. `at_least`/`at_most` also count the rows of a table and the choices of a list."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: re.Pattern[str] | None = None
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """One question. `hide`: it is not asked if any of these is true (its own condition and those of its groups)."""

    key: str
    label: str
    kind: Kind
    required: bool = False
    limits: Limits = Limits()
    options: tuple[Any, ...] = ()
    options_list: str | None = None  # name of a code list
    options_from: Expression | None = None  # any other expression that gives options
    hide: tuple[Expression, ...] = ()
    check: Expression | None = None
    check_message: str = ""
    check_words: Expression | None = (
        None  # the message computed, where one sentence does not say what is wrong
    )
    among: Expression | None = None  # of people: who may be named; null restricts nobody
    prefill: Expression | None = None
    default: Any = None
    columns: tuple[Input, ...] = ()
