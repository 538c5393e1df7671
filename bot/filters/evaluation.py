"""What a query finds in an entry, and what a refused entry lacks: the naive way, which the index must agree with."""

from __future__ import annotations

from bot.filters.document import TEXT_FIELDS, Document, holds
from bot.filters.tree import All, Any, Not, Query, Term, format_query, format_term
from bot.model import Found


def found(query: Query, document: Document) -> tuple[Term, ...] | None:
    """Evaluate against an entry: the terms that were found, or None where the query does not match."""
    match query:
        case Term(words, field, prefix):
            return (query,) if holds(document.field(field), words, prefix=prefix) else None
        case Not(part):
            return () if found(part, document) is None else None
        case All(parts):
            every: list[Term] = []
            for part in parts:
                if (hit := found(part, document)) is None:
                    return None
                every += hit
            return tuple(dict.fromkeys(every))
        case Any(parts):
            hits = [hit for part in parts if (hit := found(part, document)) is not None]
            return tuple(dict.fromkeys(term for hit in hits for term in hit)) if hits else None


def where(term: Term, document: Document) -> tuple[str, ...]:
    """Name the parts of an entry in which a term stands."""
    if term.field:
        return ({"org": "organisation"}.get(term.field, term.field),)
    return tuple(place for place in TEXT_FIELDS if holds(document.text_of(place), term.words, prefix=term.prefix))


def explain(query: Query, document: Document) -> tuple[Found, ...]:
    """Say which terms of a query an entry has, and where; nothing where it does not match."""
    return tuple(Found(format_term(term), where(term, document)) for term in found(query, document) or ())


def lacking(query: Query, document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the parts of a query that an entry lacks, and those that are there and should not be."""
    match query:
        case All(parts):
            each = [lacking(part, document) for part in parts]
            return sum((absent for absent, _ in each), ()), sum((present for _, present in each), ())
        case Not(part) if found(part, document) is not None:
            return (), (format_query(part),)
        case _ if found(query, document) is None:
            return (format_query(query),), ()
        case _:
            return (), ()
