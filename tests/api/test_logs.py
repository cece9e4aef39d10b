"""What a log keeps: an unforeseen error in one line per event, without what people typed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog

from engine.db import connect
from tasks.runtime import plain_logs


def test_an_unforeseen_error_is_logged_without_what_people_typed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "王某乙的身份证号"
    before = structlog.get_config()
    structlog.reset_defaults()  # another command of this process may have asked for silence
    plain_logs()
    try:
        try:
            with connect(f"sqlite:///{tmp_path}/x.sqlite").begin() as link:
                link.execute(sa.text("SELECT * FROM absent WHERE name = :name"), {"name": secret})
        except sa.exc.OperationalError as error:
            structlog.get_logger("api").exception("unforeseen", error=str(error))
    finally:
        structlog.configure(**before)
    out = capsys.readouterr().out
    assert "unforeseen" in out
    assert "no such table" in out
    assert secret not in out
