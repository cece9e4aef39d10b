"""在享救助与复核: what families receive, and taking down that something changed (R22)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from sqlalchemy import select

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas import reviews as shapes
from api.schemas.limits import Receipt
from api.views import due
from api.views import homes as views
from casework import areas, corrections, households, linking, recognitions, reviews
from casework.recognitions import Change, Recognition
from casework.tables import decisions
from casework.tables import recognitions as table
from engine import definitions
from engine.calendar import ZONE
from engine.errors import Invalid, NotFound
from engine.forms import Form
from engine.hosting import LegalHost
from engine.routing import as_context, sees
from engine.tables import cases
from engine.worklist import in_sight

router = APIRouter(prefix="/api/recognitions", tags=["reviews"])
FORM = "change_report"
RESULTS = {
    "keep": "维持",
    "increase": "增发",
    "reduce": "减发",
    "stop": "停发",
    "reinstate": "恢复发放",
    "natural": "自然减员",
    "expired": "到期终结",
}


@router.get("")
def list_recognitions(
    at: Read,
    q: str | None = None,
    area: str | None = None,
    state: Literal["active", "ended"] | None = None,
    linked: bool | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Page[shapes.RecognitionRow]:
    """Within the reader's areas; whose review comes first stands on top. `linked`: (not) linked to a household of the register."""
    where = in_sight(at.actor, table.c.area, area)
    found, total = recognitions.page(
        at.tx, where, q=q, state=state, linked=linked, offset=(page - 1) * size, limit=size
    )
    rows = [shapes.RecognitionRow(**row) for row in _rows(at, found)]
    return schemas.Page(items=rows, total=total, page=page, size=size)


def _rows(at: Reader, found: list[Recognition]) -> list[dict[str, Any]]:
    places = areas.names(at.tx, {one.area for one in found})
    words = {one["value"]: one["label"] for one in _codes(at).get("programme_all", [])}
    open_ = _open(at, [one.application_no for one in found])
    today = at.now.astimezone(ZONE).date()
    return [
        {
            **{key: getattr(one, key) for key in _PLAIN},
            "programme_name": words.get(one.programme, one.programme),
            "place": places[one.area],
            "amount": _yuan(one.amount),
            "review_due": one.review_on is not None and one.review_on <= today,
            "end_reason": RESULTS.get(one.end_reason or "", one.end_reason),
            "open_review": open_.get(one.application_no),
            "may_link": linking.may(at.actor, one),
        }
        for one in found
    ]


_PLAIN = (
    "application_no",
    "household",
    "programme",
    "title",
    "persons",
    "from_month",
    "valid_to",
    "review_on",
    "state",
    "ended_on",
)


def _yuan(amount: Any) -> float | None:
    return float(amount) if amount is not None else None


def _open(at: Reader, numbers: list[str]) -> dict[str, str]:
    """Open reviews by application number."""
    c = cases.c
    query = select(c.id, c.number).where(c.process == reviews.PROCESS, c.status == "active")
    found = {row.number.rpartition("-F")[0]: row.id for row in at.tx.run(query)}
    return {number: found[number] for number in numbers if number in found}


def _seen(at: Reader, application_no: str) -> Recognition:
    found = recognitions.get(at.tx, application_no)
    if found is None or not sees(at.actor, found.area):
        raise NotFound("没有这份在享救助，或您无权查看。", "No such recognition.")
    return found


@router.get("/{application_no}")
def show_recognition(at: Read, application_no: str) -> shapes.RecognitionDetail:
    """One family: what it receives, every decision about it, every report of change."""
    found = _seen(at, application_no)
    (row,) = _rows(at, [found])
    put_right = corrections.known(at.tx, cases=[found.case_id])
    d = decisions.c
    mine = select(d.path).where(d.application_no == application_no, d.case_id == found.case_id)
    branch = at.tx.run(mine.order_by(d.entered_at)).scalars().first()
    decided = put_right.right(found.case_id, "decided_on", found.decided_on, branch)
    return shapes.RecognitionDetail(
        **row,
        decided_on=decided,
        decided_on_was=found.decided_on if decided != found.decided_on else None,
        case_id=found.case_id,
        receipts=_receipts(at, found),
        changes=[_change(one) for one in recognitions.changes(at.tx, application_no)],
        reports=[_reported(at, one) for one in reviews.reports(at.tx, application_no)],
    )


def _receipts(at: Reader, found: Recognition) -> list[Receipt]:
    """How the dates of a family in force were counted: from the last decision that gives them."""
    if found.state != "active":
        return []
    decided = {
        found.decided_on,
        *(one.decided_on for one in recognitions.changes(at.tx, found.application_no)),
    }
    shown = []
    for reckoned, kept in ((recognitions.lasts, found.valid_to), (recognitions.review, found.review_on)):
        for day in sorted(decided, reverse=True):
            one = reckoned(at.tx.world, found.programme, day)
            if one is not None and one.due == kept:
                shown.append(due.of_deadline(one))
                break
    return shown


def _change(one: Change) -> shapes.RecognitionChange:
    return shapes.RecognitionChange(
        number=one.number,
        result=one.result,
        result_name=RESULTS.get(one.result, one.result),
        decided_on=one.decided_on,
        from_month=one.from_month,
        amount_before=_yuan(one.amount_before),
        amount=_yuan(one.amount),
        persons_before=one.persons_before,
        persons=one.persons,
        hearing_ref=one.hearing_ref,
        decision_no=one.decision_no,
    )


def _reported(at: Reader, one: dict[str, Any]) -> shapes.ChangeReported:
    codes = _codes(at)
    said = {
        c["value"]: c["label"] for name in ("change_source", "review_change") for c in codes.get(name, [])
    }
    source, change = one["source"], one["change"]
    return shapes.ChangeReported.model_validate(
        {**one, "source": said.get(source, source), "change": said.get(change, change)}
    )


def _pinned(at: Reader) -> definitions.Pinned:
    try:
        return definitions.coming(at.tx, reviews.PROCESS, at.now)
    except NotFound:
        raise NotFound("还没有部署动态复核流程。", "The review process is not deployed.") from None


def _codes(at: Reader) -> dict[str, Any]:
    return dict(_pinned(at).codes)


def _form(at: Reader, found: Recognition) -> tuple[Form, Any, dict[str, Any], Any]:
    pinned = _pinned(at)
    context = {
        "actor": as_context(at.actor),
        "application_no": found.application_no,
        "programme": found.programme,
    }
    functions = LegalHost(at.tx.world.terms, at.tx.world.calendar, now=at.now).functions(at.now, context)
    return pinned.form(reviews.PROCESS, FORM), pinned.codes, context, functions


@router.get("/{application_no}/change")
def change_form(at: Read, application_no: str) -> schemas.LeadForm:
    """The form by which a change is taken down, from the family itself or who helps it."""
    form, codes, context, functions = _form(at, _seen(at, application_no))
    return schemas.LeadForm(
        form=form.resolve(codes, context, functions), values=form.prefill(context, functions)
    )


@router.post("/{application_no}/changes")
def report_change(at: Write, application_no: str, body: shapes.ChangeWrite) -> shapes.ReviewMade:
    """登记变化: opens a review, or joins the one that is open."""
    at.require("report")
    found = _seen(at, application_no)
    form, codes, context, functions = _form(at, found)
    checked = form.check(body.values, context, functions, codes=codes)
    if checked.errors:
        raise Invalid("填写内容有误，请按提示修改。", "The form has errors.", fields=checked.errors)
    made = reviews.report(at.tx, application_no, checked.values, at.actor, at.now)
    said = "已并入正在办理的复核" if made.joined else "已登记，开始复核；作出决定以前照常发放"
    return at.done(
        shapes.ReviewMade(
            number=made.number, case_id=made.case_id, joined=made.joined, message=f"{said}（{made.number}）。"
        )
    )


@router.get("/{application_no}/households")
def possible_households(at: Read, application_no: str, q: str = "") -> list[shapes.HomeOffered]:
    """Households of the town it may be linked to; without `q` those where somebody of the name lives."""
    found = _seen(at, application_no)
    if not linking.may(at.actor, found):
        return []
    rows = linking.offered(at.tx, found, q.strip(), 20)
    places = areas.names(at.tx, {row.area for row in rows})
    living = households.living(at.tx, [row.id for row in rows])
    return [views.offered(at.actor, row, places, living.get(row.id, []), at.now) for row in rows]


@router.post("/{application_no}/household")
def link_household(at: Write, application_no: str, body: shapes.HomeLink) -> shapes.Linked:
    """关联户册: which household of the register it is, by the town or the office above; done again, it is put right."""
    at.require("work")
    _seen(at, application_no)
    linking.link(at.tx, at.actor, application_no, body.household, body.was, body.reason, at.now)
    return at.done(shapes.Linked(message="已关联户册，走访、复核和发放账户从现在起按这一户。"))
