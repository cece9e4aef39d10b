"""The document other people's tools read: every body has an example, and every example is a valid body."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from casework import seed
from tests.api.office import Office, opened


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


KNOWN = {"key": "lead", "town": seed.TOWN, "area": seed.VILLAGE, "column": "leads", "unit": "month"}
"""What else an address with a period asks for."""
PERIODS = {"month", "period", "quarter", "year", "on", "from", "to", "day", "since"}


def _addresses(office: Office) -> Iterator[tuple[str, str]]:
    """Every address that is asked for a period, with all else it needs, and the name of the period."""
    for path, operations in office.app.openapi()["paths"].items():
        parameters = operations.get("get", {}).get("parameters", [])
        asked = [p for p in parameters if p["in"] == "query" and p["name"] in PERIODS]
        if "{" in path.replace("{key}", ""):
            continue  # a frozen report and the like say their own month
        needed = [p["name"] for p in parameters if p["required"] and p["in"] == "query" and p not in asked]
        for one in asked:
            # what is wanted of a column differs from page to page
            known = {
                **KNOWN,
                "column": "visits" if "visits" in path else "points_checked" if "points" in path else "leads",
            }
            others = "".join(f"&{name}={known[name]}" for name in needed)
            yield f"{path.format(key='lead')}?{one['name']}={{}}{others}", one["name"]


def test_a_period_of_year_one_or_9999_is_refused_in_words(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-09-25T20:30:00+08:00") as office:
        client, asked = office.client("minzheng1"), 0
        for address, name in _addresses(office):
            if name == "period":
                continue  # the words of an assessment's period, as they stand in the list
            for year in ("0001", "9999"):
                said = client.get(address.format(f"{year}-12" if name == "month" else f"{year}-12-31"))
                if said.status_code == 403:
                    said = office.client("juzhang").get(said.request.url.raw_path.decode())
                assert said.status_code == 422, (address, year, said.text)
                body = said.json()
                assert "年份须在 1900 至 2199 之间" in body["message"] + body["fields"][0]["message"], body
                asked += 1
        assert asked >= 20
        wrong = client.get("/api/reports?month=September").json()
        assert wrong["message"] == "月份须写作 2026-09。"
        assert client.get("/api/ledgers/lead?from=gestern").json()["fields"][0]["message"] == (
            "应为日期，如 2026-09-30"
        )


def _models(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from _models(one)
