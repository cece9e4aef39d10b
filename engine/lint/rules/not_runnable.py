"""What the compiler refuses: each refusal is an error with its remedy."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import ModelRefused
from engine.lint.finding import Finding, Subject
from engine.runner import compile_program

RULE = "not-runnable"


def check(subject: Subject) -> Iterable[Finding]:
    if not subject.bundle.processes:
        return
    try:
        compile_program(subject.bundle.processes.values())
    except ModelRefused as refused:
        for r in refused.refusals:
            yield Finding(r.file or "", r.element, r.name, r.line, RULE, "error", r.message, r.remedy)
