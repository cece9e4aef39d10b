"""What a step rests on, as officers read it: the words of the document and the law, never the numbers the drawings file them under.

A drawing says `依据：R23 R57；C-14；《社会救助法》第42条。` R are clauses of the founding document; C are lines of the project's own table of limits,
whose laws stand beside each limit.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import casework

DOCUMENT = "《关于做好困难群众主动发现工作的意见》"
_SAID = re.compile(r"[·；\s]*依据[：:](?P<basis>[^\n]*)")
_CLAUSES = re.compile(r"\bR(\d+)(?:[–-]R(\d+))?")
_OURS = re.compile(r"\bR\d+(?:[–-]R?\d+)?|\bC-\d+(?:[–-](?:C-)?\d+)?|C 表说明[^；。]*|\bD\.\d+")
_LEAST = 2


@cache
def clauses() -> dict[str, str]:
    """Clause of the founding document → its words."""
    path = Path(casework.__file__).parent / "data" / "clauses.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def told(documentation: str | None) -> str | None:
    """A node's documentation with its basis in words; without a basis that can be said, none."""
    if documentation is None:
        return None
    return _SAID.sub(lambda found: _words(found["basis"]), documentation).strip(" ·；") or None


def _inside(text: str) -> str:
    """Quotation marks within quotation marks."""
    return text.translate(str.maketrans("“”", "‘’"))


def _words(basis: str) -> str:
    known = clauses()
    numbers = [
        number
        for found in _CLAUSES.finditer(basis)
        for number in range(int(found[1]), int(found[2] or found[1]) + 1)
    ]
    quoted = "".join(f"“{_inside(known[f'R{n}'])}”" for n in dict.fromkeys(numbers) if f"R{n}" in known)
    laws = [part.strip(" 、，。;") for part in re.split("[；;]", _OURS.sub("", basis))]
    parts = [DOCUMENT + quoted] * bool(quoted) + [law for law in laws if len(law) > _LEAST]
    return f"\n依据：{'；'.join(parts)}。" if parts else ""
