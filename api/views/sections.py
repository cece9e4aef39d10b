"""The case document in words: its sections in the order of the work, each field with its label, tables as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from api import schemas
from api.views import timeline
from api.views.people import mask_account, mask_id, mask_phone
from api.views.written import SECTIONS, live
from casework import areas, staff
from casework.sensitive import HIDDEN as MASKED
from casework.sensitive import Veil
from engine import history, step
from engine.db import Tx
from engine.definitions import Pinned
from engine.runner import unpack

TITLES = {
    "lead": "线索",
    "verification": "核查",
    "plan": "救助路径与评估",
    "first_aid": "先行救助",
    "application": "申请",
    "materials": "补正材料",
    "survey": "入户调查",
    "econ_check": "经济状况核对",
    "appraisal": "民主评议",
    "opinion": "审核意见",
    "notice": "公示",
    "objection": "异议",
    "decision": "审核确认",
    "delivery": "文书与送达",
    "payout": "发放",
    "refusal": "本人谢绝",
    "referral": "转介",
    "escort": "护送（引导）",
    "charity": "慈善帮扶",
    "backstop": "一事一议",
    "follow_up": "回访",
    "remedy": "复议与诉讼",
    **{
        key: written.title
        for key, written in SECTIONS.items()
        if written.title and key not in ("lead", "urging")
    },
}
MASKS = {
    "phone": mask_phone,
    "subject_phone": mask_phone,
    "reporter_phone": mask_phone,
    "contact": mask_phone,
    "id_no": mask_id,
    "subject_id_no": mask_id,
    "account": mask_account,
    "bank_account": mask_account,
}
ACCOUNTS = ("account", "bank_account")
"""Masked to their last digits unless the reader sees sensitive answers in clear."""
EMPTY: tuple[Any, ...] = (None, "", [])


def sections(
    tx: Tx, case: step.Case, pinned: Pinned, entries: Sequence[history.Entry], veil: Veil
) -> list[schemas.DocumentSection]:
    """The document section by section; identity and phone numbers masked, sensitive answers where the veil is not lifted."""
    written = {
        (e.payload.get("path", ""), e.payload["section"]): e
        for e in entries
        if e.payload and "section" in e.payload
    }
    several = any(
        isinstance(value, list) and len(value) > 1
        for content in case.document.values()
        for value in content.values()
    )
    each = _each(tx, case.id, entries) if several and entries else {}
    names = staff.names(tx, {e.actor for e in entries if e.actor})
    used = [str(e.payload["form"]) for e in entries if e.payload and e.payload.get("form")]
    order = {section: index for index, section in enumerate(TITLES)}
    shown = []
    for path, content in case.document.items():
        for section, value in sorted(content.items(), key=lambda pair: order.get(pair[0], len(order))):
            labels, known = Labels(tx, pinned, section, used, veil), SECTIONS.get(section)
            several = isinstance(value, list) and len(value) > 1
            for number, item in enumerate(value if isinstance(value, list) else [value], 1):
                if isinstance(item, dict):
                    fields = labels.fields(item)
                    title = TITLES.get(section, labels.title)
                    entry = written.get((path, section))
                    if several:
                        entry = each.get((path, section, number), entry)
                        title = _numbered(title, number, entry)
                    link = known.link(tx, case, item) if known and known.link else None
                    shown.append(
                        schemas.DocumentSection(
                            key=section,
                            title=title,
                            path=f"{path}/{section}/{number}",
                            at=entry.at if entry else None,
                            by=names.get(entry.actor or "") if entry else None,
                            fields=fields,
                            figures=known is not None and known.figures,
                            link=link[0] if link else None,
                            link_text=link[1] if link else None,
                        )
                    )
    return shown


def _each(
    tx: Tx, case_id: str, entries: Sequence[history.Entry]
) -> dict[tuple[str, str, int], history.Entry]:
    """Path, section and number of every entry of a section that grows → the row of the history that wrote it, or put it right last."""
    shadow: dict[str, dict[str, Any]] = {}
    rows = {entry.seq: entry for entry in entries}
    for told in history.entries(tx, case_id, commands=True):
        entry = rows.get(told.seq)
        if entry is None or told.command is None:
            continue
        for path, section, values, repeats in unpack(told.command)[1]:
            if isinstance(values, list):  # as a case begins: what an earlier one knew
                shadow.setdefault(path, {})[section] = [{"by": entry} for _ in values]
                continue
            with suppress(KeyError, IndexError, TypeError):  # what came before was lawfully emptied
                step.store(shadow, path, section, {"by": entry}, repeats=repeats)
    return {
        (path, section, number): item["by"]
        for path, content in shadow.items()
        for section, items in content.items()
        if isinstance(items, list)
        for number, item in enumerate(items, 1)
    }


def _numbered(title: str, number: int, entry: history.Entry | None) -> str:
    """Which of several it is, and the step it is of."""
    name = (entry.payload or {}).get("name") if entry else None
    return f"{title}（{number}）" + (f" {name}" if name else "")


def about(
    tx: Tx, case: step.Case, pinned: Pinned, veil: Veil, now: datetime
) -> list[schemas.DocumentSection]:
    """What the next person answers for with a signature, as it stands at the moment its form is opened."""
    root = {**case.document.get("", {}), **live(tx, case, now)}
    figures = {
        path: {key: value for key, value in content.items() if key in SECTIONS and SECTIONS[key].figures}
        for path, content in {**case.document, "": root}.items()
    }
    return sections(tx, replace(case, document=figures), pinned, [], veil)


class Labels:
    """Labels and option words of a section, from the forms that write it: those used first, in the order of their use."""

    def __init__(self, tx: Tx, pinned: Pinned, section: str, used: Sequence[str], veil: Veil) -> None:
        self.tx, self.section, self.veil = tx, section, veil
        place = {key: index for index, key in enumerate(used)}
        found = [form for form in pinned.all_forms() if form.section == section]
        found.sort(key=lambda form: place.get(form.id, -1 if form.id.endswith("_report") else len(place)))
        self.title = found[0].title if found else section
        self.components: dict[str, Mapping[str, Any]] = {}
        for form in found:
            for component in components(form.in_full(pinned.codes)):
                self.components.setdefault(key_of(component), component)
        written = SECTIONS.get(section)
        self.kept = written.kept if written else frozenset()
        for key, component in (written.fields if written else {}).items():
            self.components.setdefault(key, _coded(component, pinned.codes))

    def fields(self, item: Mapping[str, Any]) -> list[schemas.SectionField]:
        order = {key: index for index, key in enumerate(self.components)}
        keys = sorted(item, key=lambda key: order.get(key, len(order)))
        return [
            self.field(key, item[key]) for key in keys if item[key] not in EMPTY and not self._unseen(key)
        ]

    def _unseen(self, key: str) -> bool:
        return key in self.kept or carried(self.components.get(key, {}))

    def field(self, key: str, value: Any) -> schemas.SectionField:
        component = self.components.get(key, {})
        label = str(component.get("label") or key)
        if (text := self._mask(key, value, self.section, key)) is not None:
            return schemas.SectionField(key=key, label=label, value=None, text=text, masked=True)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            shown = (one for one in components(component) if f"{key}.{key_of(one)}" not in self.kept)
            inner = [one for one in shown if not carried(one)]
            columns = [str(one.get("label") or key_of(one)) for one in inner]
            rows = [self._row(key, inner, row) for row in value]
            text = f"共 {len(rows)} 行"
            return schemas.SectionField(
                key=key, label=label, value=None, text=text, columns=columns, rows=rows
            )
        return schemas.SectionField(key=key, label=label, value=value, text=self.words(component, value))

    def _mask(self, key: str, value: Any, *place: str) -> str | None:
        """What is shown instead of the answer there; None: it is shown."""
        hidden = self.veil.hides(*place)
        if key in ACCOUNTS and not hidden and place in self.veil.marks.places:
            return None
        if key in MASKS:
            return MASKS[key](str(value))
        return MASKED if hidden else None

    def _row(self, table: str, columns: Sequence[Mapping[str, Any]], row: Mapping[str, Any]) -> list[str]:
        child = self.veil.child(self.section, table, row)
        return [self._cell(table, one, row.get(key_of(one)), child=child) for one in columns]

    def _cell(self, table: str, component: Mapping[str, Any], value: Any, *, child: bool) -> str:
        key = key_of(component)
        if value in EMPTY:
            return ""
        if child and key != "relation":
            return MASKED
        if component.get("public"):
            return self.words(component, value)
        text = self._mask(key, value, self.section, table, key)
        return self.words(component, value) if text is None else text

    def words(self, component: Mapping[str, Any], value: Any) -> str:
        kind = component.get("properties", {}).get("kind")
        if isinstance(value, bool):
            return "是" if value else "否"
        if kind == "position":
            return "（已定位）"
        if kind == "signature":
            return "（手写签名）" if str(value).startswith("data:") else f"{value}（签）"
        if kind == "photo":
            return f"{len(value)} 个附件" if isinstance(value, list) else "附件"
        if kind in ("person", "persons"):
            ids = value if isinstance(value, list) else [value]
            names = staff.names(self.tx, set(ids))
            return "、".join(names.get(i, str(i)) for i in ids)
        if kind == "money":
            return f"{float(value):,.2f} 元"
        if component.get("type") == "datetime":
            return timeline.moment_words(str(value))
        if kind == "area":
            return areas.names(self.tx, {str(value)}).get(str(value), str(value))
        options = {str(o["value"]): str(o["label"]) for o in component.get("values", [])}
        if isinstance(value, list):
            return "、".join(options.get(str(item), str(item)) for item in value)
        return options.get(str(value), str(value))


def _coded(component: Mapping[str, Any], codes: Mapping[str, Any]) -> Mapping[str, Any]:
    """A component of `written` with the options of the code list it names."""
    inner = [_coded(one, codes) for one in component.get("components", [])]
    options = codes.get(str(component.get("codes")), component.get("values", []))
    return {**component, "values": options, "components": inner}


def carried(component: Mapping[str, Any]) -> bool:
    """Does the input only carry what the system itself goes by?"""
    return component.get("properties", {}).get("carried") is True


def components(raw: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The inputs of a form or of a table, groups flattened."""
    for component in raw.get("components", []):
        if component.get("type") == "group":
            yield from components(component)
        elif "key" in component or "path" in component:
            yield component


def key_of(component: Mapping[str, Any]) -> str:
    return str(component.get("key") or component.get("path") or "")
