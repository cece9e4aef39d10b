"""What reader and compiler refuse: each refusal is an error with its remedy."""

from __future__ import annotations

from collections.abc import Iterable

from engine.errors import ModelRefused, Refusal
from engine.lint.finding import Finding, Subject
from engine.runner import compile_program

RULE = "not-runnable"


def check(subject: Subject) -> Iterable[Finding]:
    if not subject.bundle.processes:
        return
    try:
        compile_program(subject.bundle.processes.values())
    except ModelRefused as refused:
        for refusal in refused.refusals:
            yield finding(refusal, "")


def finding(refusal: Refusal, file: str) -> Finding:
    """A refusal as a finding; a question the drawing leaves open has a rule of its own."""
    rule = "open-question" if refusal.rule == "gap" else RULE
    return Finding(
        refusal.file or file,
        refusal.element,
        refusal.name,
        refusal.line,
        rule,
        "error",
        refusal.message,
        refusal.remedy,
        refusal.message_en,
    )
