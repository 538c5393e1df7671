"""HTML in: bytes decoded, parsed within bounds, text cleaned, selectors checked."""

from __future__ import annotations

import codecs
import re

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from bot.languages import say
from bot.sources.documents import Page, Unreadable

_MARKUP = re.compile(r"<(?:!doctype|!--|/?[a-z][a-z0-9]*(?:[\s/][^<>]*)?>)", re.IGNORECASE)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.\-]{2,40})""", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_XML_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    *_MARKS,
    # A first "<" tells without a mark, too: XML 1.0, appendix F.
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# They have no byte above 127, so that they read as UTF-8 whatever they say.
_SEVEN_BITS = ("iso2022", "hz")
_NOT_FOR_TEXT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
# Controls, surrogates, soft hyphen, zero width space, byte order mark, and the marks that turn text around: none of
# them is news, some are attacks. Joiners stay, emoji and several scripts need them.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_XML_ENCODING = re.compile(rb"""^[^<]{0,10}<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})["']""")
# Without looking back: an endless name or attribute is not read again from each of its letters.
_TAG = re.compile(r"<(/?)([a-zA-Z][\w.:-]*+)([^<>]*+)")
_VOID_OR_IMPLIED = frozenset(
    {"area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li"}
    | {"link", "meta", "option", "p", "param", "path", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "wbr"}
)
# Parsers open these again in each block that comes before they are closed (HTML, 13.2.4.3).
_FORMATS = frozenset({"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})
# Real pages stay below a hundred.
_DEEPEST = 250
# Elements that open formats may add. Real pages stay below some thousands.
_MOST_REOPENED = 1_000_000


def squash(text: str) -> str:
    """Collapse white space, non-breaking included, and drop invisible characters."""
    return " ".join(_INVISIBLE.sub("", text).split())


def shorten(text: str, longest: int = 400) -> str:
    """Cut at a word, with an ellipsis."""
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return (cut[: cut.rfind(" ")].rstrip(" ,;:") if " " in cut else cut) + "…"


def decode(page: Page) -> str:
    """Decode by byte order mark, header, then meta element; else as UTF-8, and Windows-1252 where that fails."""
    body = page.body
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    declared = _CHARSET.search(page.content_type.encode("ascii", "replace")) or _CHARSET.search(body[:4096])
    if declared:
        codec = _text_codec(declared[1].decode("ascii"))
        if codec:
            return body.decode(codec, "replace")
    return _guess(body)


def decode_xml(page: Page) -> str:
    """Decode XML by byte order mark or first sign; else as UTF-8, as header or first line say, or as Windows-1252.

    UTF-8 goes before what is declared, for no other text reads as UTF-8 by chance and many declare what they are not.
    """
    body = page.body
    for mark, name in _XML_MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace").lstrip("\ufeff")
    header = _CHARSET.search(page.content_type.encode("ascii", "replace"))
    declared = [found[1].decode("ascii") for found in (header, _XML_ENCODING.match(body[:300])) if found]
    codecs_declared = [name for name in map(_text_codec, declared) if name]
    for codec in sorted(("utf-8", *codecs_declared), key=lambda name: not name.startswith(_SEVEN_BITS)):
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    return _guess(body)


def _guess(body: bytes) -> str:
    """Decode as UTF-8 where most of what is beyond ASCII reads so, for a few damaged bytes must not garble the rest."""
    text = body.decode("utf-8", "replace")
    damaged, foreign = text.count("\ufffd"), len(text) - len(text.encode("ascii", "ignore"))
    return text if 2 * damaged <= foreign else body.decode("cp1252", "replace")


def _text_codec(declared: str) -> str:
    """Name the codec of a declared encoding, "" where it is unknown or not for text."""
    try:
        codec = codecs.lookup(declared)
    except (LookupError, ValueError):
        return ""
    if codec.name in _NOT_FOR_TEXT or not codec._is_text_encoding:  # noqa: SLF001 - bytes.decode asks the same
        return ""
    # Browsers read Latin-1 as Windows-1252, and pages are written for browsers.
    return "cp1252" if codec.name in {"iso8859-1", "ascii"} else codec.name


def has_markup(text: str) -> bool:
    """Tell HTML from a text copy."""
    return _MARKUP.search(text) is not None


def parse(html: str) -> LexborHTMLParser:
    """Parse HTML.

    Raises:
        Unreadable: elements are nested so deeply that parsing would take quadratic time (the HTML standard searches
            the stack of open elements at every start tag), or formats that stay open would fill the memory.
    """
    refuse_depth(html, _DEEPEST)
    return LexborHTMLParser(html)


def refuse_depth(text: str, deepest: int, *, xml: bool = False) -> None:
    """Refuse what opens more than `deepest` elements inside each other, by a count of its tags.

    Raises:
        Unreadable: it does, or it leaves so many formats open that each of its blocks repeats them.
    """
    depth = open_formats = reopened = 0
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        step = -1 if tag[1] else 1
        if name in _FORMATS:
            open_formats = max(open_formats + step, 0)
        elif not xml and not tag[1]:
            reopened += open_formats
        if name not in _VOID_OR_IMPLIED and not (xml and tag[3].endswith("/")):
            depth = max(depth + step, 0)
        if depth > deepest or reopened > _MOST_REOPENED:
            raise Unreadable(
                say(
                    "more than {number:,} elements are open inside each other, or formats are never closed, which no "
                    "document needs: check that the address is right",
                    number=deepest,
                )
            )


def split_selector(selector: str) -> tuple[str, str]:
    """Split `selector@attribute`; the attribute is empty where the text is meant."""
    css, at, attribute = selector.rpartition("@")
    if at and re.fullmatch(r"[A-Za-z][\w:-]*", attribute):
        return css.strip(), attribute.lower()
    return selector.strip(), ""


def selector_problem(selector: str) -> str:
    """Say what is wrong with a `selector@attribute`, "" if nothing."""
    css, attribute = split_selector(selector)
    if not css:
        return "" if attribute else "is empty"
    try:
        LexborHTMLParser("<p></p>").css(css)
    except SelectolaxError:
        return "is not a CSS selector"
    return ""
