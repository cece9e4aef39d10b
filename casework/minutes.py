"""民主评议会议记录 of a whole meeting, on paper: who came, every case with its totals, dissent, corrections; and the digest of what was closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from casework import areas, holding, meetings, papers, staff
from casework.meeting_rules import count
from casework.meetings import CONVENERS, Item, Meeting
from casework.words import Words
from engine import definitions, locking
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import at_tier

ADVICE = "评议意见供审核参考，不作为确认救助的唯一依据；与评议对象有近亲属或利害关系的人员已回避，不计入该户表决。表决为无记名投票，只登记总数。"
HEADS = ("序号", "评议对象", "申请", "应投", "回避", "同意", "不同意", "弃权", "结果")


def moment(at: datetime) -> str:
    local = at.astimezone(ZONE)
    return f"{local.year} 年 {local.month} 月 {local.day} 日 {local:%H:%M}"


def result_words(verdict: tuple[bool, bool] | None) -> str:
    """What the meeting advises, in words."""
    if verdict is None:
        return ""
    valid, passed = verdict
    return ("通过" if passed else "未通过") if valid else "会议无效"


def paper(tx: Tx, meeting: Meeting, agenda: Sequence[Item], now: datetime) -> bytes:
    """The minutes as PDF. A meeting that is still a draft says so in its title."""
    town = at_tier(meeting.area, "town")
    names = areas.names(tx, {meeting.area, town, *(one.area for one in agenda)})
    people = staff.names(tx, [meeting.chair, meeting.deputy or ""])
    roles, words = (
        meetings.roles(tx, now),
        Words.of_codes(definitions.coming(tx, meetings.PROCESS, now).codes),
    )
    came = [one for one in meeting.participants if one.present]
    rows = [
        ("会议编号", meeting.number),
        ("时间", moment(meeting.held_at)),
        ("地点", meeting.place),
        ("召集", f"{names[meeting.area]} {CONVENERS[meeting.convener]}召集"),
        ("主持人", people.get(meeting.chair, meeting.chair) + _deputy(meeting, people)),
        ("记录人", meeting.recorder),
        ("应到、实到", f"应到 {len(meeting.roll)} 人，实到 {len(came)} 人"),
        ("会议过程", meeting.course),
    ]
    signed = [
        [one.name, roles.get(one.role, one.role), "" if one.present else "未到"]
        for one in meeting.participants
    ]
    tables = [
        papers.Grid(
            "评议结果",
            HEADS,
            [_line(tx, meeting, one, names, words) for one in agenda],
            (1, 2.8, 4, 1, 1, 1, 1.5, 1, 1.6),
        ),
        papers.Grid("到会人员签到", ("姓名", "身份", "签名"), signed, (2, 2, 3)),
    ]
    return papers.paper(
        "民主评议会议记录" if meeting.state == "closed" else "民主评议会议记录（草稿）",
        rows=rows,
        tables=tables,
        lines=[*_remarks(tx, meeting, agenda), ADVICE],
        signed=names[town],
        date=moment(meeting.held_at).rpartition(" ")[0],
        signatures=["主持人", "记录人", "监督人"],
        footer=f"{meeting.number}　{f'摘要 {meeting.digest[:16]}' if meeting.digest else '未结束'}　打印于 {now.astimezone(ZONE):%Y-%m-%d %H:%M}",
    )


def _deputy(meeting: Meeting, people: Mapping[str, str]) -> str:
    return f"（须回避的事项由{people.get(meeting.deputy, meeting.deputy)}主持）" if meeting.deputy else ""


def _line(tx: Tx, meeting: Meeting, item: Item, names: Mapping[str, str], words: Words) -> list[str]:
    case = locking.case_of(tx, item.case_id)
    about = f"{case.title}（{names[item.area]}）"
    what = f"{papers.breakable(item.application_no)} {words.of('programme_all', item.programme)}"
    if item.postpone.strip():
        return [str(item.n), about, what, "", "", "", "", "", "延期评议"]
    voting = count(meeting.participants, {one.key for one in meetings.withdrawn(tx, meeting, item)})
    totals = ["" if n is None else str(n) for n in (item.agree, item.against, item.abstain)]
    result = result_words(holding.verdict(tx, meeting, item, voting))
    return [str(item.n), about, what, str(voting.present), str(voting.recused), *totals, result]


def _remarks(tx: Tx, meeting: Meeting, agenda: Sequence[Item]) -> list[str]:
    """Per case: who withdrew and why, what was said, what was left; and every correction with its day."""
    found = []
    for one in agenda:
        said = []
        if withdrew := meetings.withdrawn(tx, meeting, one):
            said.append("回避：" + "、".join(f"{r.name}（{r.why}）" for r in withdrew))
        said += [f"意见：{one.opinion}"] if one.opinion.strip() else []
        said += [f"不同意见：{one.dissent}"] if one.dissent.strip() else []
        said += [f"延期：{one.postpone}"] if one.postpone.strip() else []
        if said:
            found.append(f"第 {one.n} 项　" + "；".join(part.rstrip("。；") for part in said) + "。")
    for entry in meeting.log:
        if entry["what"] == "correction":
            about = f"（第 {entry['item']} 项）" if entry["item"] else ""
            when = datetime.fromisoformat(entry["at"])
            found.append(f"更正{about}：{entry['text']}（{entry['name']}，{moment(when)}）")
    return found
