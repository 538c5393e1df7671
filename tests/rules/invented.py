"""Invented entries and queries for the properties: made of pieces, so that what must be found is known without reading.

A piece is written in many ways (capitals, quotes, dashes, possessives) and is the same words in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from bot.filters.people import Aliases
from bot.model import Item


@dataclass(frozen=True)
class Piece:
    """Words as they are looked for. A name binds its words: none of them stands free."""

    words: tuple[str, ...]
    spellings: tuple[str, ...]
    binds: bool = False


def plain(word: str, *others: str) -> Piece:
    """Make a piece of one word, with its other spellings."""
    return Piece((word,), (word, *others))


def name(spelling: str) -> Piece:
    """Make a double-barrelled name."""
    return Piece(tuple(spelling.split("-")), (spelling,), binds=True)


def everyday(spelling: str) -> Piece:
    """Make a word with hyphens that is no name."""
    return Piece(tuple(spelling.split("-")), (spelling,))


# These come often, so that queries find something and are excluded by something.
FREQUENT = (*map(plain, ("ferry", "net", "zero", "hale")), name("warren-hale"))
PIECES = (
    *FREQUENT,
    *map(plain, ("tax", "post", "council", "director", "tor", "crisis", "jacob", "rees", "mogg", "warren", "jude")),
    *map(plain, ("it", "fox")),
    plain("nhs", "n.h.s.", "N.H.S"),
    plain("uk", "U.K.", "u.k"),
    plain("cafe", "café", "cafe\u0301"),
    plain("dont", "don’t", "don't"),
    plain("ferries"),
    *map(name, ("rees-mogg", "fox-it", "jean-baptiste", "jude-hale-warren")),
    *map(everyday, ("post-brexit", "net-zero", "council-tax", "uk-wide", "anti-crisis")),
)
WORDS = sorted({word for piece in PIECES for word in piece.words} | {"brexit", "baptiste"})
TAGS = ("#ferry", "#netzero", "@hale", "#tax_cut")
HYPHENS, SPACES = "-‐‑–", (" ", " ", "  ", ", ", " – ", " — ", "\u00a0", "\n", ": ", "… ", " --", "—")
CAPITALS: tuple[Callable[[str], str], ...] = (str, str.upper, str.title, str.capitalize, str.swapcase)
AROUND = (
    ("", ""),
    ("", ""),
    ("“", "”"),
    ('"', '"'),
    ("‘", "’"),
    ("(", ")"),
    ("", "’s"),
    ("", "'s"),
    ("", "."),
    ("_", "_"),
)


@st.composite
def spelled(draw: st.DrawFn, piece: Piece) -> str:
    """Write a piece in one of its ways."""
    written = draw(st.sampled_from(piece.spellings)).replace("-", draw(st.sampled_from(HYPHENS)))
    if "’" not in written and "'" not in written:
        before, after = draw(st.sampled_from(AROUND))
        written = f"{before}{written}{after}"
    return draw(st.sampled_from(CAPITALS))(written)


@st.composite
def told(draw: st.DrawFn, pieces: Sequence[Piece]) -> str:
    """Write pieces as a text."""
    return "".join(draw(spelled(piece)) + draw(st.sampled_from(SPACES)) for piece in pieces)


PASSAGES = st.lists(st.one_of(st.sampled_from(FREQUENT), st.sampled_from(PIECES)), max_size=7)
TEXTS = st.one_of(
    PASSAGES.flatmap(told),
    st.tuples(PASSAGES.flatmap(told), st.sampled_from(TAGS)).map(" ".join),
)
PEOPLE = (
    "Jude Hale",
    "Jude Warren-Hale",
    "Jacob Rees-Mogg",
    "Jean-Baptiste Fox",
    "Tor Mogg",
    "Council of Ferries",
    "JWH",
)
TITLES = ("", "", "By ", "Sir ", "Rt Hon ", "BY THE RT HON ", "Cllr ")
HONOURS = ("", "", " MP", " KC", ", Political Editor")
BETWEEN = (" and ", ", ", " & ", " AND ", "; ", " with ", " – ")


@st.composite
def bylines(draw: st.DrawFn) -> str:
    """Write who wrote something, several people with titles."""
    people = draw(st.lists(st.sampled_from(PEOPLE), max_size=3))
    written = [f"{draw(st.sampled_from(TITLES))}{each}{draw(st.sampled_from(HONOURS))}" for each in people]
    return draw(st.sampled_from(CAPITALS[:2]))(draw(st.sampled_from(BETWEEN)).join(written))


ITEMS = st.builds(
    Item,
    st.just("k"),
    st.sampled_from(["wire", "release"]),
    TEXTS,
    author=bylines(),
    organisation=st.sampled_from(["", "Council of Ferries", "Ferries, Net & Tax", "The Warren-Hale Council", "NHS"]),
    topic=st.sampled_from(["", "Net Zero", "Council-tax, NHS"]),
    summary=TEXTS,
    body=TEXTS,
)
ALIASES = Aliases({"jwh": ("jwh", "jude warren-hale"), "jude warren hale": ("jwh", "jude warren-hale")})


@st.composite
def terms(draw: st.DrawFn) -> str:
    """Type one term: a word, a name, a tag, a beginning, a phrase of up to five words, in a field or not."""
    field = draw(st.sampled_from(["", "", "", "author:", "by:", "org:", "source:", "topic:", "headline:", "Title:"]))
    kind = draw(st.sampled_from(["word", "word", "piece", "phrase", "phrase", "tag", "kind", "person"]))
    star = draw(st.sampled_from(["", "", "*"]))
    match kind:
        case "kind":
            return draw(st.sampled_from(["kind:wire", "type:release"]))
        case "tag":
            return f"{'' if field in {'author:', 'by:'} else field}{draw(st.sampled_from(TAGS))}{star}"
        case "person":
            return f'{field or "author:"}"{draw(st.sampled_from(PEOPLE))}"'
        case "piece":
            return f"{field}{draw(st.sampled_from([each.spellings[0] for each in PIECES]))}"
        case "phrase":
            words = st.one_of(st.sampled_from(["ferry", "net", "zero", "hale", "warren"]), st.sampled_from(WORDS))
            row = " ".join(draw(st.lists(words, min_size=1, max_size=5)))
            return field + draw(st.sampled_from(['"{}"', "“{}”", "‹{}›"])).format(f"{row}{star}")
        case _:
            word = draw(st.one_of(st.sampled_from(["ferry", "zero", "hale"]), st.sampled_from(WORDS)))
            cut = draw(st.integers(min_value=3, max_value=max(3, len(word))))
            return f"{field}{word[:cut]}{star}" if star else f"{field}{word}"


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(
        several.map(" ".join),
        several.map(" OR ".join),
        several.map(" AND ".join),
        parts.map("({})".format),
        parts.map("-({})".format),
        st.tuples(parts, parts).map(lambda each: f"({each[0]}) -({each[1]})"),
        st.tuples(parts, parts).map(lambda each: f"{each[0]} ({each[1]} OR NOT tor)"),
    )


QUERIES = st.recursive(terms(), _joined, max_leaves=7)
"""Queries as people might type them; a few are refused."""

OPERATORS = st.lists(
    st.one_of(
        st.sampled_from(["a", "abc", "post-brexit", "rees-mogg", "xyz*", "kind:wire", "#tag", "@name", " U.K.", "’s"]),
        st.sampled_from(["OR", "AND", "NOT", "or", "-", "–", "--", "(", ")", "author:", "by:", "topic:", ":", "*"]),
        st.sampled_from([*"\"“”‹'?/&+|$^!.,…éßŉﷺ½™（＊＃：\u200b\u00ad\n", "⚠️"]),
    ),
    max_size=12,
)
TYPED = st.one_of(st.text(max_size=40), OPERATORS.map("".join), OPERATORS.map(" ".join))
"""Anything that may arrive, rich in what means something."""
