"""The document other people's tools read: every body has an example, and every example is a valid body."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from tests.api.office import opened


def test_every_body_has_an_example_that_is_valid(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-25T20:30:00+08:00") as office:
        document = office.app.openapi()
    schemas = document["components"]["schemas"]
    sent = {
        body["schema"]["$ref"].rpartition("/")[2]
        for path in document["paths"].values()
        for operation in path.values()
        for kind, body in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "application/json"
    }
    models = {model.__name__: model for model in _models(BaseModel) if model.__module__.startswith("api.")}
    assert len(sent) > 10
    for name in sent:
        models[name].model_validate(schemas[name]["examples"][0])


def _models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from _models(one)
