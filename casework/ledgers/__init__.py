"""台账: the district's ledgers as views of its cases – fixed columns in the official order (policy.md D.11), nothing typed twice."""

from __future__ import annotations

from casework.ledgers import charity, discovery, escorts, fund, objections, payments, referrals, rounds
from casework.ledgers.book import Book, Found, Scope

BOOKS: dict[str, Book] = {
    book.key: book
    for book in (
        discovery.EMERGENCY,
        discovery.DISCOVERY,
        rounds.FOCUS,
        rounds.SCREENING,
        referrals.BOOK,
        escorts.BOOK,
        charity.BOOK,
        payments.BOOK,
        fund.BOOK,
        objections.BOOK,
    )
}

__all__ = ["BOOKS", "Book", "Found", "Scope"]
