"""The head of a feed: what stands before its first item, read tolerantly and within bounds."""

from __future__ import annotations

import dataclasses
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sources.documents import Page
from bot.sources.markup import decode, squash

# Bytes. Real heads have a few hundred.
LONGEST_HEAD = 65_536
MOST_ELEMENTS = 2_000
_DEEPEST = 50
# Each alternative takes its text without looking back, and what is never closed reaches to the end: no input makes it
# slower than its length.
_PARTS = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[(?P<verbatim>.*?)(?:\]\]>|\Z)|<[?!][^<>]*>?"
    r"|<(?P<close>/?)(?P<name>[A-Za-z_][\w.:-]*)(?P<rest>[^<>]*)>?|(?P<text>[^<]+)|<",
    re.DOTALL,
)
# A name begins where none stands before it, and is short: an endless one is not read again from each of its letters.
_ATTRIBUTE = re.compile(r"""(?<![\w.:-])([A-Za-z_][\w.:-]{0,60})\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+)""")
_ENCODING = re.compile(rb"""^[^<]{0,10}<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.-]{2,40})["']""")
_ITEMS = frozenset({"item", "entry"})
_WITHOUT_END = frozenset({"link", "meta", "br", "base"})


@dataclass(frozen=True, slots=True)
class Element:
    """An element of the head: `name` and `parent` in lower case without prefix, `text` that directly inside it."""

    name: str
    parent: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""


def elements(page: Page) -> tuple[Element, ...]:
    """Read the elements of an XML feed before its first item, those of a document of any other form as far as it goes.

    Never raises. An element without an end tag has the text up to the next tag.
    """
    start = page.body[:LONGEST_HEAD]
    declared = _ENCODING.match(start)
    if declared is not None and "charset" not in page.content_type.lower():
        page = dataclasses.replace(page, content_type=f"text/xml; charset={declared[1].decode('ascii')}")
    text = decode(dataclasses.replace(page, body=start))
    return tuple(_elements(text))


def _elements(text: str) -> Iterator[Element]:
    around: list[str] = []
    current: Element | None = None
    inside: list[str] = []
    count = 0
    for part in _PARTS.finditer(text):
        if part["name"] is None:
            inside.append(part["verbatim"] or html.unescape(part["text"] or ""))
            continue
        if current is not None:
            yield dataclasses.replace(current, text=squash("".join(inside)))
            current = None
        inside = []
        name = part["name"].rpartition(":")[2].lower()
        if part["close"]:
            if name in around:
                del around[len(around) - 1 - around[::-1].index(name) :]
            continue
        count += 1
        if name in _ITEMS or count > MOST_ELEMENTS:
            return
        current = Element(name, around[-1] if around else "", _attributes(part["rest"]))
        # RSS has links with text; where they end is told by the next tag, whichever it is.
        if not part["rest"].endswith("/") and name not in _WITHOUT_END and len(around) < _DEEPEST:
            around.append(name)
    if current is not None:
        yield dataclasses.replace(current, text=squash("".join(inside)))


def _attributes(rest: str) -> dict[str, str]:
    return {
        name.rpartition(":")[2].lower(): squash(html.unescape(value.strip("\"'")))
        for name, value in _ATTRIBUTE.findall(rest)
    }


def members(page: Page) -> dict[str, Any]:
    """Read the members of a JSON Feed that stand before its items. Never raises."""
    text = decode(dataclasses.replace(page, body=page.body[:LONGEST_HEAD]))
    decoder = json.JSONDecoder()
    found: dict[str, Any] = {}
    at = _next(text, 0)
    if text[at : at + 1] != "{":
        return {}
    try:
        while text[at : at + 1] in {"{", ","}:
            name, at = decoder.raw_decode(text, _next(text, at + 1))
            at = _next(text, at)
            if not isinstance(name, str) or name == "items" or text[at : at + 1] != ":":
                break
            found[name], at = decoder.raw_decode(text, _next(text, at + 1))
            at = _next(text, at)
    except (ValueError, RecursionError):
        # It ends in the middle, or is broken from here on.
        return found
    return found


def _next(text: str, at: int) -> int:
    while text[at : at + 1] in {" ", "\t", "\r", "\n", "\ufeff"}:
        at += 1
    return at


def title(page: Page) -> str:
    """Give the feed's title as plain text, "" where there is none."""
    if page.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        named = members(page).get("title")
        return squash(named) if isinstance(named, str) else ""
    titles = (each.text for each in elements(page) if each.name == "title" and each.parent in {"channel", "feed"})
    # Titles may hold escaped markup.
    return next((squash(html.unescape(re.sub(r"<[^<>]*>", "", text))) for text in titles if text), "")
