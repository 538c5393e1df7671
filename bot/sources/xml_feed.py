"""XML feeds taken apart by feedparser's parsers, with what they leave unbounded cut short."""

from __future__ import annotations

import io
import re
import xml.sax
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax import handler, xmlreader

from feedparser import api, sanitizer

from bot.sources.markup import squash

# feedparser looks for addresses of e-mail in authors, in a time that grows with the square of their length, and while
# it looks nothing else runs.
_LONGEST_AUTHOR = 1_000
# And it knows no top-level domain of more than four letters: of desk@paper.london it makes an author "on".
_LONG_ADDRESS = re.compile(r"\(?<?[\w.+-]+@(?:[\w-]+\.)+[a-z]{5,}\b>?\)?", re.IGNORECASE)
# An "&" that begins no reference: its tolerant parser makes "R&D;" of "R&D", and an address's "&copy=" a sign.
_BARE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(?!#?\w{1,40};)", re.DOTALL)
# Looking for the document type, it starts again at each of many blank lines.
_BLANKS = re.compile(r"\s{2,}")
_ROOT = re.compile(r"<\w")


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a document holds: `version` is empty where it is no feed, `problem` says where its XML is broken."""

    version: str
    feed: Mapping[str, Any]
    entries: Sequence[Mapping[str, Any]]
    problem: str


def parse(text: str, base: str) -> Parsed:
    """Parse an XML feed, as strictly as XML is meant, or where that fails tolerantly.

    The text must declare no entities. Nothing is fetched, and markup in the values is neither cleaned nor resolved.
    """
    root = _ROOT.search(text)
    start = root.start() if root is not None else 0
    head = _BLANKS.sub("\n", _without_declaration(text[:start]))
    version, data, entities = sanitizer.replace_doctype((head + text[start:]).encode())
    parser, problem = _bounded(api.StrictFeedParser)(base, None, "utf-8"), ""
    try:
        _read_strictly(data, parser)
    except xml.sax.SAXException as error:
        problem = squash((parser.exc or error).getMessage())
        parser = _bounded(api.LooseFeedParser)(base, None, "utf-8", entities)
        parser.feed(_BARE.sub(lambda found: "&amp;" if found[0] == "&" else found[0], data.decode()))
    return Parsed(str(version or parser.version or ""), parser.feeddata, parser.entries, problem)


def _without_declaration(head: str) -> str:
    head = head.lstrip("\ufeff \t\r\n")
    return head.partition("?>")[2] if head.startswith("<?xml ") else head


def _read_strictly(data: bytes, parser: Any) -> None:
    reader = xml.sax.make_parser()  # noqa: S317 - entities are refused before, and external ones are not loaded
    reader.setFeature(handler.feature_namespaces, True)  # noqa: FBT003 - SAX has no names for its arguments
    reader.setFeature(handler.feature_external_ges, False)  # noqa: FBT003
    reader.setContentHandler(parser)
    reader.setErrorHandler(parser)
    source = xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    reader.parse(source)


def _bounded(parser: Any) -> Any:
    """Derive a parser that cuts authors, and the addresses that it would misread, before it looks into them."""

    def sync(self: Any, key: str = "author") -> None:
        context = self._get_context()
        if author := context.get(key):
            context[key] = _LONG_ADDRESS.sub("", author[:_LONGEST_AUTHOR]).strip()
        parser._sync_author_detail(self, key)  # noqa: SLF001 - there is no public way in before it

    options = {"sanitize_html": False, "resolve_relative_uris": False}
    return type(parser.__name__, (parser,), {"_sync_author_detail": sync, **options})
