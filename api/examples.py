"""Examples of every body a client sends, shown in the OpenAPI document; a test holds that each of them is valid."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

VILLAGE = "120115/120115101/120115101201"
BODIES: dict[str, dict[str, Any]] = {
    "ExportWrite": {
        "from": "2026-09-01",
        "to": "2026-09-30",
        "area": "120115/120115101",
        "unmasked": True,
        "purpose": "季度审计核对发放名单",
    },
    "ExportAnswer": {"revision": 1, "agreed": True},
    "TopUp": {
        "amount": "20000.00",
        "reason": "第三季度备用金补充",
        "document_no": "区民财〔2026〕31号",
        "on": "2026-09-25",
    },
    "StandardWrite": {
        "key": "dibao",
        "area": "120115",
        "amount": "1100.00",
        "valid_from": "2026-07-01",
        "source": "津民发〔2026〕21号",
    },
    "HomeLink": {"household": "h_l", "reason": "核对证件和住址，系村西头的一户", "was": None},
    "Login": {"username": "wangge", "password": "xunzhen"},
    "PasswordWrite": {"old": "xunzhen", "new": "huanyigexinde"},
    "TaskWrite": {"revision": 1, "values": {"self_result": "confirmed", "method": "on_site"}},
    "SendBackWrite": {"revision": 3, "target": "register_quick", "reason": "金额与事由不符，请核对"},
    "TransferWrite": {"revision": 1, "to": "p_minzheng2", "reason": "本人外出开会"},
    "LeadWrite": {
        "values": {
            "source": "01",
            "place_area": VILLAGE,
            "place_text": "村东头第二排",
            "main_cause": "15",
            "urgent_signs": [],
            "subject_name": "李某甲",
            "occurred_at": "2026-09-25T20:00:00+08:00",
        }
    },
    "MessageWrite": {
        "revision": 12,
        "subscription": "b1f0c2…",
        "values": {"paid": True, "paid_at": "2026-09-30T10:00:00+08:00"},
    },
    "ReferralAnswer": {
        "subscription": "b1f0c2…",
        "values": {
            "dept_reply": "accepted",
            "replied_at": "2026-10-19T10:00:00+08:00",
            "contact": "申教育 022-00000000",
        },
    },
    "Ending": {"revision": 4, "reason": "重复登记，已并入另一线索"},
    "ObjectionWrite": {
        "values": {
            "received_at": "2026-09-22T09:00:00+08:00",
            "channel": "phone",
            "notice_no": "1201151012026090001-A1-1-G1",
            "content": "反映该户另有收入",
        }
    },
    "PublicLeadWrite": {
        "key": "0b7c1f62-6a1e-4c0e-9d5b-2f1f6f7c9a10",
        "own": False,
        "place_area": VILLAGE,
        "place_text": "村西头第三户",
        "main_cause": "22",
        "urgent_signs": [],
        "description": "几天没见老人出门",
    },
    "ScannedWrite": {
        "key": "3f0c7a52-9f51-4a43-8b0e-0f3d1c7a9b11",
        "content": "该户去年买了小汽车，请核实",
        "name": "",
        "phone": "",
    },
    "MeetingBegin": {
        "area": VILLAGE,
        "held_at": "2026-09-18T14:00:00+08:00",
        "place": "村委会会议室",
        "convener": "village",
        "chair": "p_minzheng1",
        "recorder": "乙联络",
        "tasks": ["a04cd3bc493e43ba8725ad67420e9fbd"],
    },
    "MeetingWrite": {
        "revision": 2,
        "held_at": "2026-09-18T14:00:00+08:00",
        "place": "村委会会议室",
        "convener": "village",
        "chair": "p_minzheng1",
        "deputy": None,
        "recorder": "乙联络",
        "roll": [
            {"key": "r1", "name": "戊民政", "role": "town", "person": "p_minzheng1", "present": True},
            {"key": "r2", "name": "钱某丁", "role": "resident", "person": None, "present": True},
        ],
        "course": "宣讲政策、介绍情况、评议询问、无记名投票、公布结果",
        "photos": [],
        "items": [
            {
                "n": 1,
                "recused": [{"key": "r2", "why": "与该户有债务关系"}],
                "agree": 1,
                "against": 0,
                "abstain": 0,
                "opinion": "情况属实",
            }
        ],
    },
    "AgendaWrite": {"revision": 2, "add": ["a04cd3bc493e43ba8725ad67420e9fbd"]},
    "MeetingStep": {"revision": 3},
    "MeetingEnd": {"revision": 3, "reason": "到会人数不足，改期"},
    "CorrectionWrite": {"text": "第 2 项评议意见中“三子”应为“三女”", "item": 2},
    "ChangeWrite": {
        "values": {
            "source": "family",
            "change": "income_up",
            "happened_on": "2026-09-01",
            "content": "儿子找到工作，月收入三千元",
        }
    },
    "PointWrite": {
        "area": VILLAGE,
        "kind": "hotline",
        "name": "村救助电话",
        "place": "村委会",
        "hours": "08:30–17:30",
        "phone": "022-00000000",
    },
    "PointEdit": {"revision": 1, "name": "村公示牌", "place": "村委会门口", "policy_version": "2026-09"},
    "CallWrite": {"answered": True, "note": "三声后接通"},
    "PolicyTextWrite": {
        "version": "2026-09",
        "title": "社会救助政策明白卡",
        "published_on": "2026-09-01",
        "summary": "新增支出型临时救助，调整低保标准",
    },
    "PublicityWrite": {
        "area": VILLAGE,
        "held_on": "2026-09-20",
        "place": "村文化广场",
        "form": "meeting",
        "people": 35,
        "topic": "社会救助政策宣讲",
    },
    "CampaignWrite": {"theme": "寒冬送温暖专项行动"},
    "Ask": {
        "revision": 2,
        "kind": "opinion",
        "of": ["p_quminzheng"],
        "text": "此户为外省户籍，请研究是否适用急难救助",
    },
    "Answering": {"revision": 1, "opinion": "agree", "text": "可按急难发生地救助"},
    "Withdrawal": {"revision": 1, "reason": "已电话沟通"},
    "CopyWrite": {"of": ["p_quminzheng"], "text": "请阅"},
    "UrgeWrite": {"text": "请今天完成入户核实"},
    "UrgeReply": {"revision": 1, "text": "已约定明日上午入户"},
    "OrderWrite": {"revision": 12, "matter": "群众反映三天无人上门，请立即核查"},
    "StartWrite": {
        "values": {"area": VILLAGE, "matter": "九月走访登记未报", "demand": "三日内补报并说明原因"},
    },
    "JumpWrite": {"revision": 3, "target": "register_quick", "reason": "误选路径，须重新登记"},
    "JumpDecision": {"revision": 1, "approve": True, "reason": ""},
    "HandOver": {"person": "p_minzheng", "to": "p_minzheng2", "reason": "工作调动"},
    "AreaChangeWrite": {
        "kind": "merge",
        "on": "2026-10-01",
        "document": "津宝政〔2026〕12号",
        "sources": [VILLAGE, "120115/120115101/120115101202"],
        "new": {"name": "合新村", "kind": "village"},
    },
    "PhoneWrite": {"area": "120115/120115101", "phone": "022-29240000"},
    "AppointmentWrite": {"person": "p_wangge", "post": "village_liaison", "area": VILLAGE},
    "PostEnd": {"reason": "调离"},
    "LiaisonChange": {
        "area": VILLAGE,
        "person": "p_liangwei",
        "items": "户册、走访记录、重点户名单",
        "witness": "戊民政",
    },
    "SubstitutionWrite": {
        "person": "p_minzheng2",
        "begins": "2026-10-09",
        "until": "2026-10-16",
        "reason": "年休假",
    },
    "PersonWrite": {"name": "新信息员", "phone": "13900000000", "post": "informant", "area": VILLAGE},
    "Disable": {"reason": "退休"},
    "PhoneNumber": {"phone": "13900000001"},
    "TrainingWrite": {"topic": "主动发现业务培训", "held_on": "2026-09-10", "valid_to": "2027-09-09"},
    "RosterImport": {"rows": [{"姓名": "新信息员", "岗位": "网格员", "村（居）或镇（街）": "120115101201"}]},
    "KinWrite": {"household": "h_t", "relation": "叔侄"},
    "KinEnd": {"person": "p_minzheng2", "household": "h_t", "reason": "登记有误"},
    "KinImport": {
        "rows": [{"工作人员": "己民政", "户主": "田某丙", "村（居）": "120115101202", "关系": "叔侄"}]
    },
    "TurnWrite": {
        "town": "120115/120115101",
        "person": "p_fuwuban1",
        "begins": "2026-10-01T08:30:00+08:00",
        "ends": "2026-10-02T08:30:00+08:00",
    },
    "RotationWrite": {
        "town": "120115/120115101",
        "people": ["p_fuwuban1", "p_fuwuban2"],
        "first": "2026-10-01",
        "last": "2026-10-31",
    },
    "CaseTransfer": {"revision": 12, "to_area": "120115/120115103", "reason": "申请人户籍和居住地均在该镇"},
    "TransferAnswer": {"revision": 1, "reason": "同意接收"},
    "MovingWrite": {
        "bundle": "active_discovery",
        "version": 2,
        "case_id": "3f2a…",
        "renamed": ["active_discovery/verify_on_site=active_discovery/verify"],
        "skipped": ["active_discovery/extra_check"],
    },
    "ExtendWrite": {"revision": 7, "clock": "3f2a…:dibao.total", "reason": "公示有异议", "n": 15},
    "ExtensionRefusal": {"revision": 7, "clock": "3f2a…:dibao.total", "reason": "理由不成立"},
    "CorrectWrite": {
        "revision": 7,
        "clock": "3f2a…:dibao.total",
        "date": "2026-09-07",
        "reason": "受理登记簿为 9 月 7 日，录入有误",
    },
    "LegalWrite": {
        "kind": "term",
        "key": "dibao.total",
        "value": 20,
        "valid_from": "2026-12-01",
        "reason": "区民政局 2026 年第 3 次局务会",
    },
    "LegalDecision": {"revision": 1, "approve": True, "answer": ""},
    "LegalRevision": {"revision": 1},
    "NoticeWrite": {"text": "国务院办公厅关于2027年部分节假日安排的通知…", "reason": ""},
    "NoticeCheck": {"text": "国务院办公厅关于2027年部分节假日安排的通知…"},
    "MovingUndo": {"case_id": "3f2a…"},
    "Retry": {"revision": 1},
    "Marked": {"ids": ["3f2a…"]},
    "ClockAdvance": {"by": "P1D"},
    "Begin": {"bundle": "public_notice", "note": "张贴改由公示监督员办理"},
    "DraftWrite": {"revision": 1, "files": [{"name": "a.bpmn", "text": "<definitions/>"}], "note": ""},
    "SheetAsk": {"revision": 1, "files": [], "file": "lead_report.form"},
    "DecideWrite": {
        "revision": 1,
        "files": [],
        "decision": "lead_urgency",
        "values": {"q0": ["life"], "q1": "15"},
    },
    "TryWrite": {
        "revision": 1,
        "process": "active_discovery",
        "start": {"place_area": VILLAGE, "main_cause": "15"},
        "variables": {"source_tier": '"village"'},
        "steps": [
            {"kind": "complete", "target": "match_duplicate", "written": {"village_known": "true"}},
            {"kind": "advance", "target": "P1D"},
        ],
    },
    "ExpressionWrite": {"text": '=track = "emergency"'},
    "Revision": {"revision": 2},
    "Publish": {"revision": 3, "seal": "9c1e…"},
    "ImportChoices": {"choices": {"home:12": "new", "member:15": "skip"}},
    "RevealWrite": {"reason": "入户核实医疗支出"},
    "ListWrite": {"category": "elderly_alone", "source": "镇民政办 2026 年名单", "since": "2026-01-01"},
    "StrikeWrite": {"category": "elderly_alone", "on": "2026-09-25"},
    "HomeNew": {
        "area": VILLAGE,
        "head": "何某甲",
        "number": "210",
        "phone": "13800000000",
        "address": "二排三号",
        "members": [{"name": "何某甲", "relation": "head", "id_no": "11010519491231002X"}],
    },
    "HomePatch": {"revision": 3, "phone": "13800000001", "note": None},
    "MemberAdd": {"revision": 3, "name": "何某乙", "relation": "son", "birth_date": "2026-09-01"},
    "MemberPatch": {"revision": 3, "labour": "partial", "work": "区内务工"},
    "MemberLeaves": {"revision": 3, "on": "2026-09-20", "why": "married"},
    "Seen": {"revision": 3},
    "HomeMoves": {"revision": 3, "area": "120115/120115101/120115101202", "why": "随子女居住"},
    "EndWrite": {"on": "2026-09-25", "why": "全户迁往外区"},
    "VisitWrite": {
        "household": "h_w",
        "met": "self",
        "started_at": "2026-09-25T09:00:00+08:00",
        "ended_at": "2026-09-25T09:25:00+08:00",
        "policy_explained": True,
        "note": "腿疾加重，行走不便",
        "needs": ["medical"],
        "cause": "12",
    },
    "DayWrite": {"area": VILLAGE, "done": ["patrol", "phone"], "reason": "已电话问询全部重点户"},
    "Beat": {"device": "3b1f0c2e9d", "waiting": 0},
    "AlarmAnswer": {"area": VILLAGE, "day": "2026-09-24", "text": "已电话核实：手机损坏，明日更换"},
    "ToldWrite": {"how": "当面告知"},
}


def install(app: FastAPI) -> None:
    """Lay the examples over the generated document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            for name, schema in made["components"]["schemas"].items():
                if name in BODIES:
                    schema["examples"] = [BODIES[name]]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
