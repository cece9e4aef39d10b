"""转介台账: what was passed to other departments, what they answered and did (R51)."""

from __future__ import annotations

from casework.ledgers.book import STATUS, Book, Found, Scope, cases_with, first, last, leaves, moment, truth

COLUMNS = {
    "number": "线索编号",
    "town": "镇街",
    "village": "村居",
    "name": "姓名",
    "programme": "转介事项",
    "department": "承办部门",
    "tries": "派送次数",
    "channel": "渠道",
    "consent": "本人同意",
    "reply": "部门意见",
    "replied_at": "答复时间",
    "bounce_reason": "退回理由",
    "officer": "承办人及电话",
    "result": "办理结果",
    "finished_on": "办结日期",
    "outcome": "核对结论",
    "status": "事项状态",
}


def _lines(scope: Scope) -> Found:
    rows, total = cases_with(scope, ("prepare_referral",))
    places = scope.places(row.area for row in rows)
    words = scope.words
    made = []
    for row in rows:
        for entries in leaves(row.document, "referral"):
            replies = [e for e in entries if e.get("dept_reply")]
            made.append(
                {
                    "case_id": row.id,
                    "number": row.number,
                    **places[row.area],
                    "name": scope.mask["name"](row.title),
                    "programme": words.of("programme_all", first(entries, "programme")),
                    "department": words.of("department", last(entries, "to_dept")),
                    "tries": str(sum(bool(e.get("to_dept")) for e in entries)),
                    "channel": words.of("referral_channel", last(entries, "channel")),
                    "consent": truth(first(entries, "consent")),
                    "reply": words.of("dept_reply", last(entries, "dept_reply")),
                    "replied_at": moment(last(entries, "replied_at")),
                    "bounce_reason": str(last(entries, "bounce_reason") or ""),
                    "officer": str((replies[-1].get("contact") if replies else None) or ""),
                    "result": str(last(entries, "referral_result") or ""),
                    "finished_on": moment(last(entries, "finished_on")),
                    "outcome": words.of("referral_outcome", last(entries, "outcome")),
                    "status": STATUS.get(row.status, row.status),
                }
            )
    return made, total


BOOK = Book("referrals", "转介台账", "转介其他部门的事项、答复和结果", COLUMNS, _lines, "转介日期")
