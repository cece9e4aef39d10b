"""Codes in words, by code list (`processes/common/codes.json`, as a case has them pinned)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Codes = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Words:
    """Code list → code → word; an unknown code stays as it is."""

    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of_codes(cls, codes: Codes) -> Words:
        return cls(
            {name: {str(o["value"]): str(o["label"]) for o in options} for name, options in codes.items()}
        )

    def of(self, name: str, value: Any) -> str:
        if value in (None, "", []):
            return ""
        known = self.lists.get(name, {})
        values = value if isinstance(value, list) else [value]
        return "、".join(known.get(str(one), str(one)) for one in values)
