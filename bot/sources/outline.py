"""A document as a line of text segments, with the links, images and times in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.sources.addresses import absolute
from bot.sources.markup import has_markup, parse, split_selector, squash

_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
    }
    | {
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    }
    | {"header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "search"}
    | {"section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
_SILENT = frozenset(
    {
        "head",
        "iframe",
        "math",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
    }
)
_EMPHASIS = frozenset({"b", "strong", "i", "em", "span"})
_BULLET = re.compile(r"^\s*[•◦▪‣·*]\s+")


@dataclass(slots=True, eq=False)
class Place:
    """An element's place: its tag, its parent, and the pieces inside it (`first` ≤ index < `end`)."""

    tag: str
    parent: Place | None = None
    first: int = 0
    end: int = 0

    def upwards(self) -> Iterator[Place]:
        """Give the place and the places around it, innermost first."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.parent

    def within(self, *tags: str) -> bool:
        """Tell whether it is one of these elements or stands inside one."""
        return any(place.tag in tags for place in self.upwards())


@dataclass(frozen=True, slots=True)
class Piece:
    """A text node, an image (`text` is its alternative text) or a time element, numbered in document order.

    `href` is that of the link around it; `source` an image's address or a time's datetime attribute. `apart` is false
    for text in the middle of a sentence.
    """

    kind: Literal["text", "image", "time"]
    index: int
    text: str
    href: str
    source: str
    place: Place
    apart: bool = True


@dataclass(frozen=True, slots=True)
class Segment:
    """What stands between two block boundaries: `text` squashed, `place` the block."""

    text: str
    pieces: tuple[Piece, ...]
    place: Place

    @property
    def href(self) -> str:
        """The address of the first link in it."""
        return next((piece.href for piece in self.pieces if piece.href), "")


def segments(document: str) -> tuple[Segment, ...]:
    """Linearise a document: HTML by its elements, a text copy (no tags at all) by its lines."""
    return tree_segments(parse(document)) if has_markup(document) else _line_segments(document)


def tree_segments(tree: LexborHTMLParser) -> tuple[Segment, ...]:
    """Linearise a document that was parsed."""
    return node_segments(tree.body) if tree.body is not None else ()


def _line_segments(document: str) -> tuple[Segment, ...]:
    lines = [line for line in (squash(_BULLET.sub("", line)) for line in document.splitlines()) if line]
    root = Place("body", None, 0, len(lines))
    places = [Place("-line", root, index, index + 1) for index in range(len(lines))]
    return tuple(
        Segment(line, (Piece("text", place.first, line, "", "", place),), place)
        for line, place in zip(lines, places, strict=True)
    )


def node_segments(top: LexborNode) -> tuple[Segment, ...]:
    """Linearise one element."""
    return _Walk().through(top)


class _Walk:
    """One pass over a tree, with a stack of its own: pages may nest deeper than Python recurses."""

    def __init__(self) -> None:
        self.found: list[Segment] = []
        self.pieces: list[Piece] = []
        self.block = Place("-outside")
        self.count = 0

    def through(self, top: LexborNode) -> tuple[Segment, ...]:
        steps: list[tuple[LexborNode, str, Place] | tuple[Place, Place]] = [(top, "", self.block)]
        while steps:
            step = steps.pop()
            if len(step) == 2:  # noqa: PLR2004 - an element to leave, and the block around it
                self._leave(*step)
                continue
            node, href, place = step
            tag = node.tag or "-"
            if tag == "-text":
                self._add("text", node.text(deep=False), href, "", place, apart=_stands_apart(node))
            elif label := _drawn(node, tag):
                self._add("image", label, href, "", Place(tag, place, self.count, self.count + 1))
            elif not tag.startswith("-") and tag not in _SILENT:
                here = Place(tag, place, self.count)
                steps.append((here, self.block))
                if tag in _BLOCKS:
                    self._flush()
                    self.block = here
                if tag == "img":
                    self._add("image", _attribute(node, "alt"), href, _image_source(node), here)
                elif tag == "time":
                    self._add("time", node.text(), href, _attribute(node, "datetime"), here)
                else:
                    inner = _attribute(node, "href") if tag == "a" else href
                    steps.extend((child, inner, here) for child in reversed(list(node.iter(include_text=True))))
        self._flush()
        return tuple(self.found)

    def _leave(self, place: Place, block: Place) -> None:
        if place.tag in _BLOCKS:
            self._flush()
        place.end = self.count
        self.block = block

    def _add(
        self,
        kind: Literal["text", "image", "time"],
        text: str,
        href: str,
        source: str,
        place: Place,
        *,
        apart: bool = True,
    ) -> None:
        self.pieces.append(Piece(kind, self.count, text, href, source, place, apart))
        self.count += 1

    def _flush(self) -> None:
        text = squash("".join(piece.text for piece in self.pieces if piece.kind != "image"))
        if text or any(piece.kind != "text" for piece in self.pieces):
            self.found.append(Segment(text, tuple(self.pieces), self.block))
        self.pieces = []


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""


def _drawn(node: LexborNode, tag: str) -> str:
    """Give the name of a picture that is no img: an svg's, or that of an empty element with a background; else ""."""
    if tag == "svg":
        title = node.css_first("title")
        return _attribute(node, "aria-label") or (squash(title.text()) if title is not None else "")
    if tag not in {"i", "span", "div"} or node.child is not None:
        return ""
    return _attribute(node, "aria-label") or _attribute(node, "title")


def _image_source(node: LexborNode) -> str:
    source = _attribute(node, "src")
    # Lazy images hold a placeholder in src.
    return (_attribute(node, "data-src") or source) if not source or source.startswith("data:") else source


def _stands_apart(node: LexborNode) -> bool:
    """Tell whether a text node, with the emphasis around it, lacks words on at least one side."""
    inner, parent = node, node.parent
    while parent is not None and parent.tag in _EMPHASIS and inner.prev is None and inner.next is None:
        inner, parent = parent, parent.parent
    return not (_has_words(inner.prev) and _has_words(inner.next))


def _has_words(node: LexborNode | None) -> bool:
    return node is not None and node.tag == "-text" and any(letter.isalnum() for letter in node.text(deep=False))


def plain(node: LexborNode) -> str:
    """Give an element's text on one line: inline elements joined as they are, blocks separated by a space."""
    return " ".join(segment.text for segment in node_segments(node) if segment.text)


def paragraphs(text: str) -> list[str]:
    """Give the paragraphs of a fragment of HTML; text without tags is split at blank lines, its entities decoded."""
    if has_markup(text):
        return [segment.text for segment in segments(text) if segment.text]
    if "&" in text:
        body = parse(text).body
        text = body.text() if body is not None else text
    return [paragraph for paragraph in map(squash, re.split(r"\n[^\S\n]*\n", text)) if paragraph]


def one_line(text: str) -> str:
    """Give the text of a fragment of HTML on one line."""
    return " ".join(paragraphs(text))


def select(node: LexborNode, selector: str) -> Iterator[tuple[LexborNode, str]]:
    """Find what a `selector@attribute` selects inside an element: nodes, each with the attribute or the plain text."""
    css, attribute = split_selector(selector)
    for found in node.css(css) if css else [node]:
        yield found, squash(_attribute(found, attribute)) if attribute else plain(found)


def select_text(node: LexborNode, selector: str) -> str:
    """Give the first non-empty text that a `selector@attribute` selects, "" where there is none or no selector."""
    return next((text for _, text in select(node, selector) if text), "") if selector else ""


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """Give the address that relative links start from: `<base href>` where there is one."""
    node = tree.css_first("base[href]")
    return (absolute(url, _attribute(node, "href")) if node is not None else "") or url
