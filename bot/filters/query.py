"""The query language: what people type, read into a tree.

    query = all { "OR" all }      all = part { [ "AND" ] part }      part = [ "-" | "NOT" ] operand
    operand = [ field ":" ] ( term | "(" query ")" )                 term = ( word | '"' words '"' ) [ "*" ]

`docs/filters.md` explains it to people; `evaluation.py` says what a tree finds.
"""

from __future__ import annotations

import difflib
import re
import sys
from functools import lru_cache
from typing import NoReturn

from bot import text
from bot.filters import people, problems
from bot.filters.document import FIELDS, NAMED_FIELDS, SHORTEST_BEGINNING
from bot.filters.problems import DASHES
from bot.filters.tree import All, Any, Not, Query, Term, format_query, requires_something
from bot.languages import say
from bot.model import ENTRY_KINDS

LONGEST = 500
# As much of a query as stays on one line of a telephone, so that the caret stands under its character.
WINDOW = 60
DEEPEST = 10
# Fewer ASCII characters than these can never be more than the longest when they are written out.
SURELY_FITS = LONGEST // 6
_OTHER_NAMES = {
    "by": "author",
    "title": "headline",
    "organisation": "org",
    "organization": "org",
    "from": "source",
    "type": "kind",
}
QUOTES = '"“”„‟«»‹›″＂'
_LEXEME = re.compile(
    rf"\s*(?:(?P<open>\()|(?P<close>\))|(?P<minus>[{DASHES}](?=\S))"
    rf"|[{QUOTES}](?P<phrase>[^{QUOTES}]*)[{QUOTES}](?P<star>\*?)|(?P<unclosed>[{QUOTES}])"
    rf"|(?P<field>[A-Za-z]+):|(?P<word>[^\s(){QUOTES}]+))"
)
# As some keyboards write them; each is one character, so that places stay.
_WIDE = str.maketrans("（）：＊＃＠", "():*#@")
_OPERATORS = {"OR": "or", "AND": "and", "NOT": "not"}
# What ends a row of parts, and what cannot follow an operator.
_ENDS = frozenset({"or", "close", "end"})
_TAG = re.compile(r"[#@]\w+")


class QueryError(ValueError):
    """A query that cannot be read. Says what is wrong at which character, and what to type instead."""

    def __init__(self, query: str, position: int, problem: str) -> None:
        super().__init__(problem)
        self.query = query
        self.position = position
        self.problem = problem

    def lines(self) -> tuple[str, str, str]:
        """Give the query, or where it is long what is around the mistake, a caret below, and the problem."""
        shown, at = text.window(re.sub(r"\s", " ", self.query), self.position, WINDOW)
        return shown, " " * at + "^", self.problem


def parse(query: str) -> Query:
    """Read a query. Raises QueryError; empty, purely negative, over-long and over-deep queries are refused."""
    if len(query) > LONGEST:
        problem = say(
            "This query has {length:,} characters; {most} are the most: make several filters of it.",
            length=len(query),
            most=LONGEST,
        )
        raise QueryError(f"{query[:60]}…", 60, problem)
    tree = _Parser(query).query()
    # As filters are stored they must be read again: "by:(a (b OR c))" is longer there.
    if (len(query) > SURELY_FITS or not query.isascii()) and (length := len(format_query(tree))) > LONGEST:
        problem = say(
            "Written out, this has {length:,} characters; {most} are the most: make several filters of it.",
            length=length,
            most=LONGEST,
        )
        raise QueryError(query, 0, problem)
    return tree


def author(name: str) -> Query:
    """Read the name of an author or an organisation to follow. Raises QueryError where it holds no letters."""
    words = people.tokens(name)
    if not words or len(name) > LONGEST:
        example = "follow Isabel Hardman"
        raise QueryError(name[:60], 0, say("Expected the name of an author, such as: {example}.", example=example))
    return Any((Term(words, "author"), Term(words, "org")))


def hints(written: str) -> tuple[str, ...]:
    """Say what in a readable query may be meant otherwise than it is read."""
    words = [word for kind, word, _ in _lexemes(written) if kind == "word"]
    return problems.hints(words)


_Lexeme = tuple[str, str, int]
"""Kind, text and position."""


def _lexemes(query: str) -> list[_Lexeme]:
    found: list[_Lexeme] = []
    if not query.isascii():
        query = query.translate(_WIDE)
    for match in _LEXEME.finditer(query):
        kind = match.lastgroup or ""
        if kind == "star":
            kind = "beginning" if match["star"] else "phrase"
            found.append((kind, match["phrase"], match.start("phrase") - 1))
            continue
        word, at = match[kind], match.start(kind)
        if kind == "word" and word in _OPERATORS:
            kind = _OPERATORS[word]
        elif kind == "unclosed":
            raise QueryError(query, at, say('This quotation mark is never closed: add a " at the end of the phrase.'))
        found.append((kind, word, at))
    found.append(("end", "", len(query)))
    return found


class _Parser:
    """Recursive descent over the lexemes; `_kind` is the next one's."""

    def __init__(self, query: str) -> None:
        self._text = query
        self._lexemes = _lexemes(query)
        self._at = 0
        self._kind = self._lexemes[0][0]

    def query(self) -> Query:
        if self._kind == "end":
            one, other = "nhs -football", '"net zero"'
            self._fail(say("Expected at least one word to look for, such as: {one}, or {other}.", one=one, other=other))
        tree = self._any("", 0)
        if self._kind != "end":
            self._fail(say("This closing parenthesis has no opening one: remove it."))
        if not requires_something(tree):
            problem = say(
                "This only says what to leave out: add at least one word to look for, or use {command}.", command="mute"
            )
            raise QueryError(self._text, self._lexemes[0][2], problem)
        return tree

    def _advance(self, steps: int = 1) -> None:
        self._at += steps
        self._kind = self._lexemes[self._at][0]

    def _fail(self, problem: str, further: int = 0) -> NoReturn:
        raise QueryError(self._text, self._lexemes[self._at][2] + further, problem)

    def _any(self, field: str, depth: int) -> Query:
        if depth > DEEPEST:
            self._fail(say("Parentheses go {depth} deep at the most.", depth=DEEPEST))
        first = self._all(field, depth)
        if self._kind != "or":
            return first
        parts = [first]
        while self._kind == "or":
            self._advance()
            parts.append(self._all(field, depth))
        return _joined(Any, parts)

    def _all(self, field: str, depth: int) -> Query:
        parts: list[Query] = []
        while (kind := self._kind) not in _ENDS:
            if kind == "and" and parts:
                self._advance()
                if self._kind in _ENDS or self._kind == "and":
                    self._fail(say("Expected a word after {operator}.", operator="AND"))
            parts.append(self._not(field, depth) if self._kind in {"minus", "not"} else self._operand(field, depth))
        if not parts:
            self._fail(say("Expected a word here: {choice} and parentheses need words on both sides.", choice="OR"))
        return parts[0] if len(parts) == 1 else _joined(All, parts)

    def _not(self, field: str, depth: int) -> Query:
        sign = self._lexemes[self._at][1]
        self._advance()
        if self._kind in {"minus", "not"}:
            self._fail(say("Two signs for leaving out are one too many: keep one."))
        if self._kind in _ENDS or self._kind == "and":
            self._advance(-1)
            self._fail(say("Expected a word after {sign}, the one to leave out.", sign=sign))
        return Not(self._operand(field, depth))

    def _operand(self, field: str, depth: int) -> Query:
        if self._kind == "field":
            field = self._field(field)
        if self._kind != "open":
            return self._term(field)
        opening = self._lexemes[self._at][2]
        self._advance()
        if self._kind == "close":
            self._fail(say("Expected a word between the parentheses."))
        tree = self._any(field, depth + 1)
        if self._kind != "close":
            self._fail(
                say("A parenthesis is not closed: add ) here, for the ( at character {place}.", place=opening + 1)
            )
        self._advance()
        return tree

    def _field(self, outer: str) -> str:
        name = self._lexemes[self._at][1].casefold()
        field = _OTHER_NAMES.get(name, name)
        if field not in FIELDS:
            near = difflib.get_close_matches(name, [*FIELDS, *_OTHER_NAMES], n=1, cutoff=0.7)
            self._fail(problems.no_field(name, _OTHER_NAMES.get(near[0], near[0]) if near else "", FIELDS))
        if outer:
            group = f"{outer}:( … )"
            self._fail(say("A field inside of {group} is one too many: put it outside the parentheses.", group=group))
        self._advance()
        return field

    def _term(self, field: str) -> Query:
        kind, written, _ = self._lexemes[self._at]
        if kind not in {"word", "phrase", "beginning"}:
            if field and kind in {"minus", "not"}:
                left_out = f"-{field}:"
                self._fail(say("The sign for leaving out stands before the field: {field} and so on.", field=left_out))
            if field:
                self._fail(say("Expected a word or a phrase after {field}:.", field=field))
            self._fail(say("Expected a word or a phrase here."))
        try:
            term = _term(written, field, quoted=kind != "word", prefix=kind == "beginning")
        except _TermError as error:
            self._fail(error.problem, error.at)
        self._advance()
        return term


class _TermError(Exception):
    def __init__(self, problem: str, at: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at = at


# The same terms stand in many filters.
@lru_cache(maxsize=8192)
def _term(written: str, field: str, *, quoted: bool, prefix: bool) -> Term:
    """Read a term. Raises _TermError with the place in what is written."""
    if not quoted and (problem := problems.of_signs(written)):
        raise _TermError(problem)
    bare = written.rstrip()
    if bare.endswith("*") and not prefix:
        bare, prefix = bare[:-1], True
    if "*" in bare or (prefix and bare != bare.rstrip()):
        at = bare.index("*") if "*" in bare else len(bare)
        problem = say("A {star} stands at the end of a word, for any ending: {example}.", star="*", example="pens*")
        raise _TermError(problem, at + quoted)
    words = _words(bare, field)
    if prefix and len(words[-1].lstrip("#@")) < SHORTEST_BEGINNING:
        problem = say("A {star} needs at least {number} letters before it.", star="*", number=SHORTEST_BEGINNING)
        raise _TermError(problem, len(bare) + quoted)
    if field == "kind" and (prefix or " ".join(words) not in ENTRY_KINDS):
        first, second = ENTRY_KINDS
        problem = say(
            'There is no kind "{kind}": there are {first} and {second}.', kind=written, first=first, second=second
        )
        raise _TermError(problem)
    return Term(words, field, prefix)


def _words(written: str, field: str) -> tuple[str, ...]:
    if written[:1] in {"#", "@"} and field not in NAMED_FIELDS and " " not in written:
        word, *tag = text.words(written) or [""]
        if tag != ["|", f"{written[0]}{word}"]:
            raise _TermError(say("A #tag or @name is made of letters, digits and underscores."))
        return (tag[1],)
    words = people.tokens(written) if field == "author" else text.tokens(written)
    if not words:
        raise _TermError(say("Expected letters or digits here: signs alone cannot be looked for."))
    # The same words stand in many filters: they are kept once.
    return tuple(map(sys.intern, words))


def _joined(kind: type[All | Any], parts: list[Query]) -> Query:
    """Join parts, those of the same kind on one level: (a b) c is a b c."""
    flat: list[Query] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else [part]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))
