"""Queries as trees of terms, and as the text that reads as the same tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Term(NamedTuple):
    """Folded words in a row, in one field or (empty) anywhere an entry has text. With `prefix` the last may go on."""

    words: tuple[str, ...]
    field: str = ""
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be there."""

    part: Query


@dataclass(frozen=True, slots=True)
class All:
    """All of the parts."""

    parts: tuple[Query, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of the parts."""

    parts: tuple[Query, ...]


Query = Term | Not | All | Any


def requires_something(query: Query) -> bool:
    """Tell whether a query names anything that must be there; one that only excludes would find nearly everything."""
    match query:
        case Term():
            return True
        case Not():
            return False
        case All(parts):
            return any(map(requires_something, parts))
        case Any(parts):
            return all(map(requires_something, parts))


def format_query(query: Query) -> str:
    """Write a query so that `parse` reads the same again; a field that several terms share is written once."""
    return _operand(query) if _shared_field(query) else _row(query)


def format_term(term: Term) -> str:
    """Write one term."""
    words = " ".join(term.words) + ("*" if term.prefix else "")
    quoted = f'"{words}"' if len(term.words) > 1 else words
    return f"{term.field}:{quoted}" if term.field else quoted


def _row(query: Query, field: str = "") -> str:
    """Write a query of which `field` is written already. Parentheses stay as deep as they were typed."""
    match query:
        case Term():
            return format_term(query._replace(field="") if field else query)
        case Not(part):
            return f"-{_operand(part, field)}"
        case All(parts):
            return " ".join(_row(part, field) if isinstance(part, Not) else _operand(part, field) for part in parts)
        case Any(parts):
            return " OR ".join(_operand(part) if isinstance(part, Any) else _row(part, field) for part in parts)


def _operand(query: Query, field: str = "") -> str:
    if isinstance(query, Term):
        return _row(query, field)
    shared = _shared_field(query)
    return f"{shared}:({_row(query, shared)})" if shared else f"({_row(query, field)})"


def _shared_field(query: Query) -> str:
    """Name the field that all parts of a query have, where they are single terms."""
    if not isinstance(query, All | Any) or len(query.parts) < 2:  # noqa: PLR2004 (it is shared by two or more)
        return ""
    terms = [part.part if isinstance(part, Not) else part for part in query.parts]
    fields = {term.field if isinstance(term, Term) else "" for term in terms}
    return fields.pop() if len(fields) == 1 else ""
