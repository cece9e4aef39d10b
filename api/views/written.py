"""Sections of a case document that no form writes: what a handler puts there, with its labels, columns and the page behind it.

One place for all of them; `tests/structure/test_labels.py` reads the handlers and holds that nothing they write is missing here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from casework import assessments, focus, points, report_signing, reports
from engine import step
from engine.db import Tx

Component = Mapping[str, Any]
Live = Callable[[Tx, step.Case, datetime], Mapping[str, Any] | None]
"""What a section holds now, where the document keeps no copy; None: the case has no such section."""
Link = Callable[[Tx, step.Case, Mapping[str, Any]], tuple[str, str] | None]
"""The page behind a section: its address in the application and the words of the link."""


@dataclass(frozen=True, slots=True)
class Written:
    """What handlers write into a section. `kept`: keys (`table.column` in rows) that only the system reads.

    `figures`: what the next person answers for with a signature; it stands beside the form, not among the facts. `live`: found when it is looked
    at, in place of what the document holds.
    """

    title: str
    fields: Mapping[str, Component] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    figures: bool = False
    link: Link | None = None
    live: Live | None = None


def _text(label: str, options: Mapping[str, str] | None = None, *, codes: str | None = None) -> Component:
    values = [{"value": value, "label": word} for value, word in (options or {}).items()]
    return {"label": label, "values": values, "codes": codes}


def _money(label: str) -> Component:
    return {"label": label, "properties": {"kind": "money"}}


def _table(label: str, /, **columns: str | Component) -> Component:
    named = ((key, _text(one) if isinstance(one, str) else one) for key, one in columns.items())
    return {"label": label, "components": [{"key": key, **one} for key, one in named]}


def _kept(*keys: str) -> frozenset[str]:
    return frozenset(keys)


# ------------------------------------------------------------------------------------------ the pages behind
def _report(tx: Tx, case: step.Case, said: Mapping[str, Any]) -> tuple[str, str]:
    """The report as it was submitted by its preparer; until then, and when it was sent back, the month as counted now."""
    month = str(said.get("month"))
    row = report_signing.standing(tx, case.id)
    if row is not None:
        return f"/reports/{quote(row.number)}", "打开月报全文"
    return f"/reports/draft?{urlencode({'area': case.area, 'month': month})}", "打开月报全文和各数字的明细"


def _figures(tx: Tx, case: step.Case, now: datetime) -> dict[str, Any] | None:
    """The month the preparer answers for: as counted now while it is being prepared, else as it was submitted."""
    if case.process != "monthly_report" or case.variables.get("month") is None:
        return None
    month = date.fromisoformat(str(case.variables["month"])[:10])
    row = report_signing.standing(tx, case.id)
    if row is None and case.status != "active":
        return None
    said = {"month": f"{month:%Y-%m}"}
    if row is None:
        counted = report_signing.counted(tx, case.area, month, now)
        total, adjusted, snap = counted.figures["total"], counted.adjustments, counted.snapshot
        said["cutoff"] = now.isoformat()
    else:
        total, adjusted, snap = row.figures["total"], row.adjustments, row.snapshot or {}
        said |= {"cutoff": row.cutoff.isoformat(), "digest": row.digest[:12]}
    kept = snap.get("rows", {}).get("total", {})
    cells = (
        (one.label, {"n": kept[one.key]} if one.kept else total.get(one.key, {}))
        for one in reports.header(snap)
    )
    rows = [
        {"label": label, "n": cell.get("n", 0), "persons": cell.get("persons"), "yuan": cell.get("yuan")}
        for label, cell in cells
    ]
    return {**said, "figures": rows, "adjusted": len(adjusted)}


def _coverage(_tx: Tx, case: step.Case, _said: Mapping[str, Any]) -> tuple[str, str]:
    return f"/coverage?{urlencode({'area': case.area, 'unit': 'quarter'})}", "打开走访覆盖"


def _spot(_tx: Tx, case: step.Case, _said: Mapping[str, Any]) -> tuple[str, str]:
    return f"/spot/{quote(case.number)}", "打开抽样与结果"


def _assessment(_tx: Tx, case: step.Case, _said: Mapping[str, Any]) -> tuple[str, str] | None:
    number = case.variables.get("assessment_no")
    return (f"/assessments/{quote(str(number))}", "打开考核表") if number else None


# ------------------------------------------------------------------------------------------ the sections
_HOUSEHOLDS = _table("户", head="户主", size="人口", focus=_text("重点类别", focus.CATEGORIES))
_EARLIER = _table("以往复核", decided_on="决定日期", result="结果", amount=_money("金额"))
_PUBLIC_PHONE = {**_text("电话"), "public": True}
_PAYEES = _table(
    "名单", number="发放编号", name="姓名", month="月份", amount=_money("金额"), payee="户名", account="账户"
)

SECTIONS: Mapping[str, Written] = {
    "lead": Written(
        "线索",
        {
            "finder": {"label": "发现人", "properties": {"kind": "person"}},
            "discovered_at": {"label": "登记时间", "type": "datetime"},
            "received_at": {"label": "送达时间（登记时没有网络或事后补登）", "type": "datetime"},
        },
    ),
    "report_figures": Written(
        "本月数字",
        {
            "month": _text("月份"),
            "cutoff": {"label": "数字截至", "type": "datetime"},
            "digest": _text("校验码"),
            "figures": _table("汇总（按办件自动计算）", label="项目", n="数量", persons="人数", yuan="金额（元）"),
            "adjusted": _text("对以前月份的调整（项）"),
        },
        figures=True,
        link=_report,
        live=_figures,
    ),
    "coverage": Written(
        "各村（居）走访情况",
        {
            "rows": _table(
                "村（居）", village="村（居）", households="应访户", visited="已访", explained="已说明", silent="漏户",
                vacant="岗位空缺",
            )
        },
        figures=True,
        link=_coverage,
    ),
    "roster": Written("户册（本季度冻结）", {"rows": _HOUSEHOLDS}, _kept("rows.household")),
    "missing": Written("没有走访的户", {"rows": _HOUSEHOLDS}, _kept("rows.household")),
    "care_list": Written(
        "在家供养人员",
        {"rows": _table("名单", application_no="文号", head="姓名", place="所在村（居）")},
        _kept("rows.area", "rows.household"),
    ),
    "point_list": Written(
        "服务点",
        {
            "rows": _table("已登记的服务点", kind=_text("种类", points.KINDS), name="名称", phone=_PUBLIC_PHONE, finding="已知问题"),
            "missing": _text("缺少的种类"),
        },
        _kept("rows.point", "rows.ok"),
    ),
    "sample": Written(
        "抽查样本",
        {"rows": _table("样本", kind="层", name="姓名", place="所在村（居）", ticket="票号")},
        _kept("rows.item"),
    ),
    "rates": Written(
        "差错率",
        {"rows": _table("各镇（街）", town="镇（街）", kind="差错", looked_at="已查", errors="差错数", interval="95% 置信区间")},
        figures=True,
        link=_spot,
    ),
    "counted": Written("考核数据", kept=_kept("measured", "lists")),
    "sheet": Written(
        "考核表",
        {
            "rows": _table(
                "得分明细", indicator=_text("指标", assessments.INDICATORS), weight="权重", measured="完成", points="得分"
            )
        },
        link=_assessment,
    ),
    "inspection_plan": Written("督查计划", {"cause": _text("督查事由"), "focus": _text("督查重点")}),
    "circular_figures": Written(
        "通报数据",
        {
            "rows": _table(
                "各单位", name="单位", on_time="按期率", late="超期环节", notices="催办通知书", unanswered="逾期未答复", orders="督办",
                open_orders="未销号", named="拟点名",
            )
        },
        _kept("rows.area", "lists"),
    ),
    "campaign_list": Written(
        "可选的镇（街）、村（居）",
        {"towns": _table("镇（街）", name="名称"), "villages": _table("村（居）", name="名称")},
        _kept("towns.town", "villages.village"),
    ),
    "campaign_sum": Written(
        "专项行动成果",
        {
            "sessions": _text("宣传场次"),
            "people": _text("宣传人次"),
            "visited": _text("走访户数"),
            "leads": _text("发现线索"),
            "villages": _text("参加村（居）"),
            "done": _text("已完成村（居）"),
        },
    ),
    "recognition": Written(
        "救助档案",
        {
            "programme": _text("救助项目", codes="programme"),
            "since": _text("确认日期"),
            "amount": _money("现领金额"),
            "persons": _text("享受人数"),
            "valid_to": _text("有效期至"),
            "earlier": _EARLIER,
        },
    ),
    "payment": Written(
        "发放名单",
        {"rows": _PAYEES, "total": _money("合计")},
        _kept("fix", *(f"rows.{key}" for key in ("no", "application_no", "programme", "tail", "area", "case_id"))),
    ),
    "owed": Written(
        "应退应缴",
        {
            "order_no": _text("决定书编号"),
            "balance": _money("尚欠金额"),
            "state": _text("情况"),
            "rows": _table("各期", due_on="应退缴日期", amount=_money("应退缴金额"), paid=_money("已收金额"), paid_on="最近收款日期"),
        },
    ),
    "inquiry": Written(
        "反映未收到",
        {
            "said": _text("本人怎么说"),
            "payments": _table(
                "登记为已发放的款项", number="发放编号", paid_on="登记的到账日期", month="所属月份", amount=_money("金额"),
                method=_text("方式", codes="payout_method"), payee="领取人",
            ),
        },
        _kept("payments.application_no"),
    ),
    "timeline": Written(
        "经过还原",
        {"number": _text("文书编号"), "moments": _text("记录条数"), "chain": _text("哈希链校验")},
        _kept("paper"),
    ),
    **{
        section: Written("", kept=frozenset(kept))
        for section, kept in {
            "point_check": ["points.point"],
            "test_call": ["calls.point"],
            "town_check": ["items.item"],
            "screening": ["visits.household", "gaps.household"],
        }.items()
    },  # forms of earlier versions carried the id of a row in the open
    "urging": Written("催办通知书", {"notice_no": _text("文书编号")}),
}  # fmt: skip


def live(tx: Tx, case: step.Case, now: datetime) -> dict[str, Mapping[str, Any]]:
    """Sections of a case that hold what stands now."""
    found = ((key, one.live(tx, case, now)) for key, one in SECTIONS.items() if one.live)
    return {key: values for key, values in found if values is not None}
