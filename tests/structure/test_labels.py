"""Everything a case document can hold has words: every input of every form, and every key a handler writes (`api/views/written.py`).

The handlers are read, not run: what they hand over as `Result(…, {section: values})`, and what cases are started with (`document=`).
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from api.views import basis
from api.views.reasons import OUTCOMES
from api.views.written import SECTIONS, Written
from tasks import leads

ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
FORMS = [
    (path, json.loads(path.read_text(encoding="utf-8")))
    for path in sorted((ROOT / "processes").rglob("*.form"))
]
Keys = dict[str, "Keys"]
"""Key → keys of its rows."""


# ------------------------------------------------------------------------------------------ forms
def inputs(components: list[Any]) -> Iterator[Mapping[str, Any]]:
    for one in components:
        if one.get("type") == "group":
            yield from inputs(one["components"])
        elif one.get("key") or one.get("path"):
            yield one
            yield from inputs(one.get("components", []))


@pytest.mark.parametrize(("path", "form"), FORMS, ids=lambda one: one.name if isinstance(one, Path) else "")
def test_every_input_of_a_form_has_a_chinese_label(path: Path, form: dict[str, Any]) -> None:
    wrong = [
        one.get("key")
        for one in inputs(form["components"])
        if not CHINESE.search(str(one.get("label") or one.get("dateLabel") or one.get("dateTimeLabel") or ""))
    ]
    assert wrong == []
    assert CHINESE.search(form["properties"]["title"])


def asked(section: str) -> set[str]:
    """Keys and `table.column` of the forms that write a section."""
    found: set[str] = set()
    for _path, form in FORMS:
        if form["properties"].get("section") != section:
            continue
        for one in inputs(form["components"]):
            key = str(one.get("key") or one.get("path"))
            found |= {
                key,
                *(f"{key}.{inner.get('key') or inner.get('path')}" for inner in one.get("components", [])),
            }
    return found


# ------------------------------------------------------------------------------------------ codes the drawings use
CODES = json.loads((ROOT / "processes" / "common" / "codes.json").read_text(encoding="utf-8"))


def test_every_stage_of_a_drawing_has_a_name() -> None:
    named = {one["value"] for one in CODES["stage"]}
    drawn = {
        stage
        for path in (ROOT / "processes").rglob("*.bpmn")
        for stage in re.findall(r'name="stage" value="([^"]*)"', path.read_text(encoding="utf-8"))
    }
    assert drawn - named == set()


def choices(key: str) -> set[str]:
    """Values some form has words for under a key."""
    found: set[str] = set()
    for _path, form in FORMS:
        for one in inputs(form["components"]):
            if (one.get("key") or one.get("path")) == key:
                named = str(one.get("valuesExpression") or "").removeprefix("=codes.")
                found |= {str(option["value"]) for option in one.get("values") or CODES.get(named, [])}
    return found


def results() -> Iterator[tuple[str, str, str]]:
    """Table, output and text of every plain text a decision table may answer."""
    for path in sorted((ROOT / "processes").rglob("*.dmn")):
        root = etree.parse(path).getroot()
        for table in root.iterfind(".//{*}decisionTable"):
            outputs = [str(one.get("name")) for one in table.iterfind("{*}output")]
            for rule in table.iterfind("{*}rule"):
                for output, entry in zip(outputs, rule.iterfind("{*}outputEntry"), strict=True):
                    text = (entry.findtext("{*}text") or "").strip()
                    if re.fullmatch(r'"[^"]*"', text):
                        yield path.name, output, text.strip('"')


def test_every_result_of_a_decision_table_has_words() -> None:
    terms = tomllib.loads((ROOT / "processes" / "terms.toml").read_text(encoding="utf-8"))["term"]
    keys = {str(one["key"]) for one in terms} if isinstance(terms, list) else set(terms)
    raw = {
        (table, output, value)
        for table, output, value in results()
        if not CHINESE.search(value) and value not in keys | choices(output) | set(OUTCOMES.get(output, {}))
    }
    assert raw == set()


# ------------------------------------------------------------------------------------------ what steps rest on
def test_the_clauses_officers_read_are_the_words_of_the_requirements() -> None:
    table = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    assert basis.clauses() == dict(re.findall(r"^\| (R\d+) \| (.*?) \| ", table, re.MULTILINE))


def test_a_basis_is_told_in_the_words_of_the_document_and_the_law() -> None:
    said = basis.told("签收线索。 · 依据：R23 R38–R39；C-25 C-26；《社会救助法》第42条。")
    known = basis.clauses()
    quoted = "".join(f"“{known[one]}”" for one in ("R23", "R38", "R39"))
    assert said == f"签收线索。\n依据：{basis.DOCUMENT}{quoted}；《社会救助法》第42条。"
    assert basis.told("只写情况。 · 依据：C-28。") == "只写情况。"
    assert basis.told(None) is None


def test_no_step_shows_the_numbers_clauses_are_filed_under() -> None:
    raw = {}
    for path in sorted((ROOT / "processes").rglob("*.bpmn")):
        for node in etree.parse(path).getroot().iterfind(".//{*}documentation"):
            said = basis.told(node.text) or ""
            if re.search(r"\b[RC]-?\d", said):
                raw[path.name] = said
    assert raw == {}
    others = [ROOT / "processes" / "terms.toml", *(path for path, _form in FORMS)]
    assert [
        path.name for path in others if re.search(r"\bR\d+\b|\bC-\d+", path.read_text(encoding="utf-8"))
    ] == []


# ------------------------------------------------------------------------------------------ what handlers write
class Module:
    """One file with its functions and what it imports of `casework`."""

    def __init__(self, path: Path) -> None:
        self.path, self.tree = path, ast.parse(path.read_text(encoding="utf-8"))
        self.defined = {
            n.name: n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)
        }
        self.parent = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def around(self, node: ast.AST) -> ast.FunctionDef:
        while not isinstance(node, ast.FunctionDef):
            node = self.parent[node]
        return node


@cache
def module(path: Path) -> Module:
    return Module(path)


class Unread(Exception):
    """An expression whose keys cannot be told by reading."""


def keys(node: ast.expr, at: Module) -> Keys:
    """The keys of the dict (or of the dicts of the list) an expression makes."""
    if isinstance(node, ast.Dict):
        made: Keys = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                made |= rows(value, at)  # what is spread is the document's own, or given
            elif isinstance(key, ast.Constant):
                made[str(key.value)] = rows(value, at)
            else:
                raise Unread(ast.unparse(node))
        return made
    if isinstance(node, ast.DictComp):
        source = node.generators[0].iter
        if isinstance(source, ast.Tuple):
            return {str(one.value): {} for one in source.elts if isinstance(one, ast.Constant)}
        if (
            isinstance(source, ast.Call)
            and isinstance(source.func, ast.Attribute)
            and source.func.attr == "items"
        ):
            return keys(source.func.value, at)
    if isinstance(node, ast.ListComp):
        return keys(node.elt, at)
    if isinstance(node, ast.List | ast.BoolOp | ast.IfExp):
        parts = (
            node.elts
            if isinstance(node, ast.List)
            else node.values
            if isinstance(node, ast.BoolOp)
            else [node.body, node.orelse]
        )
        return {k: v for one in parts for k, v in keys(one, at).items()}
    if isinstance(node, ast.Constant) and node.value is None:
        return {}
    if isinstance(node, ast.Name):
        return named(node, at)
    if isinstance(node, ast.Call):
        return called(node, at)
    raise Unread(ast.unparse(node))


def rows(node: ast.expr, at: Module) -> Keys:
    """The keys of the rows of a value; none where it is a plain one."""
    try:
        return keys(node, at)
    except Unread:
        return {}


def named(name: ast.Name, at: Module) -> Keys:
    """What the function around assigns to the name; what it was given itself was checked by a form."""
    found: Keys = {}
    around = at.around(name)
    if name.id in {one.arg for one in [*around.args.args, *around.args.kwonlyargs]}:
        return found
    for node in ast.walk(around):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = (
                    zip(target.elts, node.value.elts, strict=True)
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                    else [(target, node.value)]
                )
                for to, value in pairs:
                    if isinstance(to, ast.Name) and to.id == name.id:
                        found |= keys(value, at)
                    if (
                        isinstance(to, ast.Subscript)
                        and isinstance(to.value, ast.Name)
                        and to.value.id == name.id
                        and isinstance(to.slice, ast.Constant)
                    ):
                        found[str(to.slice.value)] = {}
        elif (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and node.target.id == name.id
            and node.value
        ):
            found |= (
                keys(node.value, at) if not (isinstance(node.value, ast.List) and not node.value.elts) else {}
            )
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "append"
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == name.id
        ):
            found |= keys(node.args[0], at)
    if not found:
        raise Unread(name.id)
    return found


def called(node: ast.Call, at: Module) -> Keys:
    """What a function of ours returns: read in its own file; a dataclass gives its fields."""
    if isinstance(node.func, ast.Name) and node.func.id in ("asdict", "dict"):
        return keys(node.args[0], at)
    if isinstance(node.func, ast.Name):
        home, name = at, node.func.id
    elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        path = ROOT / "casework" / f"{node.func.value.id}.py"
        if not path.exists():
            raise Unread(ast.unparse(node))
        home, name = module(path), node.func.attr
    else:
        raise Unread(ast.unparse(node))
    found = home.defined.get(name)
    if isinstance(found, ast.ClassDef):
        return {
            one.target.id: {}
            for one in found.body
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        }
    if not isinstance(found, ast.FunctionDef):
        raise Unread(ast.unparse(node))
    returned = [one.value for one in ast.walk(found) if isinstance(one, ast.Return) and one.value is not None]
    return {k: v for value in returned for k, v in keys(value, home).items()}


COPIES = (
    "old.sections(decision.path)",
    "home.document",
    "row.document",
    "{section: ",
    "listed(area) if listed else None",
)
"""Documents taken over from elsewhere, and sections of a form filled by hand."""


def written() -> Iterator[tuple[str, str, Keys]]:
    """`file:line`, section and keys of everything that is written into a document."""
    for path in [*sorted((ROOT / "tasks").glob("*.py")), *sorted((ROOT / "casework").glob("*.py"))]:
        at = module(path)
        for node in (one for one in ast.walk(at.tree) if isinstance(one, ast.Call)):
            given = [k.value for k in node.keywords if k.arg == "document"]
            if isinstance(node.func, ast.Name) and node.func.id == "Result":
                given += node.args[1:2]
            for one in given:
                if not ast.unparse(one).startswith(COPIES):
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield from ((where, section, found) for section, found in keys(one, at).items())


WRITTEN_BY_HANDLERS = list(written())


def told(section: str) -> set[str]:
    """Keys and `table.column` that `written.py` has a label for, or keeps to the system."""
    known = SECTIONS.get(section, Written(""))
    found = set(known.kept)
    for key, component in known.fields.items():
        found |= {key, *(f"{key}.{inner['key']}" for inner in component.get("components", []))}
    return found


@pytest.mark.parametrize(
    ("where", "section", "found"), WRITTEN_BY_HANDLERS, ids=[f"{w} {s}" for w, s, _ in WRITTEN_BY_HANDLERS]
)
def test_what_a_handler_writes_has_a_label_or_is_kept_from_people(
    where: str, section: str, found: Keys
) -> None:
    known = told(section) | asked(section)
    kept = SECTIONS.get(section, Written("")).kept
    said = set(found) | {
        f"{key}.{inner}" for key, inside in found.items() if key not in kept for inner in inside
    }
    assert sorted(said - known) == [], (
        f"{where}: 在 api/views/written.py 的 {section} 里写明标签，或列入 kept"
    )


def test_the_reader_finds_the_sections_of_the_handlers() -> None:
    found = {section: keys_ for _where, section, keys_ in WRITTEN_BY_HANDLERS}
    assert {
        "coverage",
        "roster",
        "missing",
        "sample",
        "rates",
        "point_list",
        "care_list",
        "sheet",
        "urging",
    } <= set(found)
    assert set(found["rates"]["rows"]) == {"town", "kind", "looked_at", "errors", "interval"}
    assert set(found["point_list"]["rows"]) == {"point", "kind", "name", "phone", "ok", "finding"}


@pytest.mark.parametrize("section", SECTIONS)
def test_labels_of_written_sections_are_chinese(section: str) -> None:
    it = SECTIONS[section]
    components = [
        *it.fields.values(),
        *(inner for one in it.fields.values() for inner in one.get("components", [])),
    ]
    assert all(CHINESE.search(str(one["label"])) for one in components)
    assert CHINESE.search(it.title) or not it.fields


def test_every_conclusion_of_a_lead_has_its_word() -> None:
    """The ledger reads the list, the handler says the word: they are one."""
    codes = json.loads((ROOT / "processes/common/codes.json").read_text(encoding="utf-8"))
    assert {one["value"]: one["label"] for one in codes["conclusion"]} == leads.WORDS
