"""The query language: words, "phrases", -exclusions, OR, parentheses and fields, read into a tree and evaluated.

    query = all { "OR" all }      all = part { part }      part = [ "-" ] ( "(" query ")" | [ field ":" ] term )

`docs/filters.md` explains it to people. The index must give exactly what `found` gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot import text
from bot.filters import people
from bot.filters.document import Document
from bot.model import ENTRY_KINDS

LONGEST = 500
DEEPEST = 10
FIELDS = ("author", "source", "org", "kind")
_QUOTES = str.maketrans("“”„‟«»″", '"' * 7)
_LEXEME = re.compile(
    r'(?P<space>\s+)|(?P<open>\()|(?P<close>\))|(?P<minus>-(?=[^\s-]))|(?P<field>[A-Za-z]+):(?=\S)|"(?P<phrase>[^"]*)"'
    r'|(?P<word>[^\s()"]+)'
)


class QueryError(ValueError):
    """A query that cannot be read. Says what is wrong at which character, and what to type instead."""

    def __init__(self, query: str, position: int, problem: str) -> None:
        super().__init__(problem)
        self.query = query
        self.position = position
        self.problem = problem

    def lines(self) -> tuple[str, str, str]:
        """Give the query, a caret under the character, and the problem."""
        return self.query, " " * self.position + "^", self.problem


@dataclass(frozen=True, slots=True)
class Term:
    """Folded words in a row, in one field or (empty) anywhere an entry has text."""

    words: tuple[str, ...]
    field: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """A followed author: a person among the entry's authors, or the organisation that published it."""

    words: tuple[str, ...]


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


Query = Term | Author | Not | All | Any


def parse(query: str) -> Query:
    """Read a query. Raises QueryError; empty, purely negative, over-long and over-deep queries are refused."""
    if len(query) > LONGEST:
        raise QueryError(query[:60] + "…", 0, f"This query has {len(query)} characters; {LONGEST} are the most.")
    return _Parser(query.translate(_QUOTES)).query()


def author(name: str) -> Author:
    """Read the name of an author to follow. Raises QueryError where it holds no letters."""
    words = people.name(name)
    if not words or len(name) > LONGEST:
        raise QueryError(name[:60], 0, "Expected the name of an author, such as: follow Isabel Hardman.")
    return Author(words)


def found(query: Query, document: Document) -> tuple[str, ...] | None:
    """Evaluate against an entry: the terms that were found, as read, or None where it does not match."""
    match query:
        case Term(words, field):
            return (_shown(query),) if document.holds(words, field) else None
        case Author(words):
            return (" ".join(words),) if document.by(words) else None
        case Not(part):
            return () if found(part, document) is None else None
        case All(parts):
            results = [found(part, document) for part in parts]
            present = [result for result in results if result is not None]
            return _merged(present) if len(present) == len(results) else None
        case Any(parts):
            hits = [result for part in parts if (result := found(part, document)) is not None]
            return _merged(hits) if hits else None


def required(query: Query) -> frozenset[str] | None:
    """Name keys of which a matching entry has at least one, as few as can be; None where nothing is required."""
    match query:
        case Term(words, field):
            longest = max(words, key=len)
            return frozenset({f"{field}:{longest}" if field in {"source", "kind"} else longest})
        case Author(words):
            return frozenset({words[-1]})
        case Not():
            return None
        case All(parts):
            keys = [each for part in parts if (each := required(part)) is not None]
            return min(keys, key=len, default=None)
        case Any(parts):
            choices = [required(part) for part in parts]
            return None if None in choices else frozenset().union(*(each for each in choices if each is not None))


def format_query(query: Query) -> str:
    """Write a query so that `parse` reads the same tree."""
    match query:
        case Term():
            return _shown(query)
        case Author(words):
            return " ".join(words)
        case Not(part):
            return "-" + _nested(part)
        case All(parts):
            return " ".join(_nested(part) for part in parts)
        case Any(parts):
            return " OR ".join(format_query(part) if isinstance(part, All) else _nested(part) for part in parts)


def _nested(query: Query) -> str:
    return f"({format_query(query)})" if isinstance(query, All | Any) else format_query(query)


def _shown(term: Term) -> str:
    words = " ".join(term.words)
    # "or" and "and" as words stand in quotation marks, so that they are not read as operators.
    quoted = f'"{words}"' if len(term.words) > 1 or words == "or" else words
    return f"{term.field}:{quoted}" if term.field else quoted


def _merged(results: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for result in results for word in result))


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: str
    text: str
    at: int


def _lexemes(query: str) -> Iterator[_Lexeme]:
    at = 0
    while at < len(query):
        match = _LEXEME.match(query, at)
        if match is None or match.lastgroup is None:
            raise QueryError(query, at, 'This quotation mark is never closed: add a " at the end of the phrase.')
        if match.lastgroup != "space":
            word = match.group(match.lastgroup)
            yield _Lexeme("or" if match.lastgroup == "word" and word == "OR" else match.lastgroup, word, at)
        at = match.end()


class _Parser:
    def __init__(self, query: str) -> None:
        self._text = query
        self._lexemes = [*_lexemes(query), _Lexeme("end", "", len(query))]
        self._at = 0

    def query(self) -> Query:
        if self._next.kind == "end":
            self._fail('Expected at least one word to look for, such as: nhs -football, or "net zero".')
        tree = self._any(0)
        if self._next.kind != "end":
            self._fail("This closing parenthesis has no opening one: remove it.")
        if required(tree) is None:
            self._at = 0
            self._fail("This only says what to leave out: add at least one word to look for, or use mute.")
        return tree

    @property
    def _next(self) -> _Lexeme:
        return self._lexemes[self._at]

    def _take(self) -> _Lexeme:
        lexeme = self._next
        self._at += 1
        return lexeme

    def _fail(self, problem: str) -> None:
        raise QueryError(self._text, self._next.at, problem)

    def _any(self, depth: int) -> Query:
        if depth > DEEPEST:
            self._fail(f"Parentheses go {DEEPEST} deep at the most.")
        parts = [self._all(depth)]
        while self._next.kind == "or":
            self._take()
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self, depth: int) -> Query:
        parts: list[Query] = []
        while self._next.kind not in {"or", "close", "end"}:
            parts.append(self._part(depth))
        if not parts:
            self._fail("Expected a word here: OR and parentheses need words on both sides.")
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _part(self, depth: int) -> Query:
        if self._next.kind == "minus":
            self._take()
            return Not(self._operand(depth))
        return self._operand(depth)

    def _operand(self, depth: int) -> Query:
        if self._next.kind == "open":
            self._take()
            tree = self._any(depth + 1)
            if self._next.kind != "close":
                self._fail("A parenthesis is not closed: add ) here.")
            self._take()
            return tree
        return self._term()

    def _term(self) -> Query:
        field = ""
        if self._next.kind == "field":
            field = self._next.text.casefold()
            if field not in FIELDS:
                self._fail(f"There is no field {field!r}: there are {', '.join(f'{each}:' for each in FIELDS)}.")
            self._take()
        if self._next.kind not in {"word", "phrase"}:
            self._fail("Expected a word or a phrase here.")
        words = text.tokens(self._next.text)
        if not words:
            self._fail("Expected letters or digits here: signs alone cannot be looked for.")
        if field == "kind" and words[0] not in ENTRY_KINDS:
            self._fail(f"There is no kind {words[0]!r}: there are {' and '.join(ENTRY_KINDS)}.")
        self._take()
        return Term(words, field)
