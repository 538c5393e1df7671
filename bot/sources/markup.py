"""HTML in: bytes decoded, parsed within bounds, text cleaned, selectors checked."""

from __future__ import annotations

import codecs
import re

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from bot.sources.documents import Page, Unreadable

_MARKUP = re.compile(r"<(?:!doctype|!--|/?[a-z][a-z0-9]*(?:[\s/][^<>]*)?>)", re.IGNORECASE)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_:.\-]{2,40})""", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NOT_FOR_TEXT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
# Controls, surrogates, soft hyphen, zero width space, byte order mark, and the marks that turn text around: none of
# them is news, some are attacks. Joiners stay, emoji and several scripts need them.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_VOID_OR_IMPLIED = frozenset(
    {"area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li"}
    | {"link", "meta", "option", "p", "param", "path", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "wbr"}
)
# Real pages stay below a hundred.
_DEEPEST = 250


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
        try:
            codec = codecs.lookup(declared[1].decode("ascii")).name
            if codec not in _NOT_FOR_TEXT:
                # Browsers read Latin-1 as Windows-1252, and pages are written for browsers.
                return body.decode("cp1252" if codec in {"iso8859-1", "ascii"} else codec, "replace")
        except (LookupError, ValueError):
            pass
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def has_markup(text: str) -> bool:
    """Tell HTML from a text copy."""
    return _MARKUP.search(text) is not None


def parse(html: str) -> LexborHTMLParser:
    """Parse HTML.

    Raises:
        Unreadable: elements are nested so deeply that parsing would take quadratic time (the HTML standard searches
            the stack of open elements at every start tag).
    """
    refuse_depth(html, _DEEPEST)
    return LexborHTMLParser(html)


def refuse_depth(text: str, deepest: int) -> None:
    """Refuse what opens more than `deepest` elements inside each other, by a count of its tags.

    Raises:
        Unreadable: it does.
    """
    depth = 0
    for tag in _TAG.finditer(text):
        if tag[2].lower() not in _VOID_OR_IMPLIED:
            depth = max(depth - 1, 0) if tag[1] else depth + 1
            if depth > deepest:
                raise Unreadable(
                    f"more than {deepest:,} elements are open inside each other, which no document needs: "
                    "check that the address is right"
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
