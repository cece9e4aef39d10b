"""The same demo district as for the handlers."""

from __future__ import annotations

from tests.tasks.conftest import district, tx

__all__ = ["district", "tx"]
