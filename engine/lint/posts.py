"""Posts as data: `processes/posts.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def load_posts(path: Path) -> dict[str, Mapping[str, Any]]:
    """Post id → {"label", "tiers", "outside", "department"}.

    `outside`: a partner body's post, which gets its tasks and sees nothing else. `department`: the code of the body whose
    answers it gives.
    """
    data = tomllib.loads(path.read_text("utf-8"))
    return {
        post["id"]: {
            "label": post["label"],
            "tiers": tuple(post["tiers"]),
            "outside": bool(post.get("outside", False)),
            "department": post.get("department"),
        }
        for post in data["post"]
    }
