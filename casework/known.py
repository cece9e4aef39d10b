"""What the district's books know now, for forms and drawings that ask: `register(topic, key)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from casework import (
    able,
    applications,
    decisions,
    first_aid,
    mergers,
    notices,
    payment_inquiries,
    payouts,
    points,
    repeats,
    report_signing,
    reviews,
    visits,
)
from engine.db import Tx

TOPICS: Mapping[str, Callable[[Tx, Any], Any]] = {
    "applications_open": applications.open_ones,  # key: {lead, programme, application, applicant} → other open applications of the household
    "notice_area": notices.hangs_in,  # key: notice number → the area it hangs in
    "objections": notices.objections_to,  # key: application number → [{number, state}]
    "changes": reviews.reports,  # key: application number → [{number, source, change, happened_on, content, at}]
    "decision_no": decisions.next_number,  # key: application number → the number its next decision is filed under
    "points_missing": points.missing,  # key: area → kinds of service points it has none of
    "able": able.people,  # key: {process, step, without} → who may do a step of the case, as options
    "notice_text": notices.text,  # key: {number} → its lines as they will hang: [{line, said}]
    "notice_phone": notices.printed_phone,  # key: notice number → the telephone printed on its paper
    "merger": mergers.asked,  # key: {lead, into} → why a lead must not be joined to another, null where it may
    "payouts_out": payouts.out,  # key: lead number → numbers of payments the bank has and has not answered
    "months_paid": payment_inquiries.paid_months,  # key: application number → how many of its months are booked as paid
    "unbooked": payouts.unbooked,  # key: lead number → whether money was handed over and is not in the books yet
    "papers_open": first_aid.papers_open,  # key: lead number → whether first aid was given and has no papers yet
    "same_cause": repeats.same_cause,  # key: {lead, at} → whether the lead's cause had been helped this year, as known at that moment
    "month_counted": report_signing.opened,  # key: {month} → {nil, seal, as_of}: the town's month as counted now
    "month_changed": report_signing.changed,  # key: {month, seen, since} → what has changed since the preparer opened the page, null: nothing
    "month_prepared": report_signing.submitted,  # key: {month} → {digest, as_of} of what the preparer has submitted
    "silent": visits.silent,  # key: district:period → households nobody visited and nobody explained
}


def register(tx: Tx, topic: str, key: Any) -> Any:
    """None for an unknown topic or no key: an expression must cope with not knowing."""
    ask = TOPICS.get(topic)
    if ask is None or not key:
        return None
    return ask(tx, key if isinstance(key, Mapping) else str(key))
