"""A flood without bells: one message keeps a worker at work until nothing is due, or until its shift is over."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tasks import celery_app, sweep


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three rounds of work, then none; a bell is heard."""
    heard, left = list[str](), [120, 120, 7]

    def run_due(*_given: object) -> int:
        heard.append("round")
        return left.pop(0) if left else 0

    monkeypatch.setattr(celery_app, "installation", lambda: SimpleNamespace(db=None, now=lambda: None))
    monkeypatch.setattr(celery_app, "ring", lambda: heard.append("bell"))
    monkeypatch.setattr(sweep, "run_due", run_due)
    return heard


def test_one_message_is_worked_off_whole(rounds: list[str]) -> None:
    assert celery_app.run_sweep() == 247
    assert rounds == ["round"] * 4


def test_after_a_shift_the_rest_is_asked_for_anew(rounds: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celery_app, "SHIFT_SECONDS", -1.0)
    assert celery_app.run_sweep() == 120
    assert rounds == ["round", "bell"]
