"""Documents as they should not be: encodings, references, links, times, sizes, depths, and the wrong kind altogether.

Each is made of the body of a document that is as it should be: a feed of `pages.rss`, UTF-8.
"""

from __future__ import annotations

import codecs
import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.emulators.faults import XML, Exchange, named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.emulators.faults import Fault

HTML = "text/html; charset=utf-8"
JSON = "application/feed+json"
_PLAIN = "application/xml"
_DEEP = 100_000
_TITLE = re.compile(r"<item><title>")


def _document(change: Callable[[str], str | bytes], content_type: str = XML) -> Fault:
    async def fault(exchange: Exchange) -> None:
        changed = change(exchange.document.body.decode())
        await exchange.answer(changed.encode() if isinstance(changed, str) else changed, content_type=content_type)

    return fault


def _instead(body: str | bytes, content_type: str = XML) -> Fault:
    return _document(lambda _: body, content_type)


def _encoded(codec: str, declared: str = "", content_type: str = _PLAIN, mark: bytes = b"", errors: str = "") -> Fault:
    """Encode the document, and declare what is given, in its first line, in the header, or nowhere."""

    def change(text: str) -> bytes:
        text = text.replace(' encoding="utf-8"', f' encoding="{declared}"' if declared else "")
        return mark + text.encode(codec, errors or "strict")

    return _document(change, content_type)


def _first_title(text: str) -> Fault:
    """Put a text before the newest headline."""
    return _document(lambda document: _TITLE.sub(lambda found: found[0] + text, document, count=1))


def _first_title_in_bytes(text: bytes) -> Fault:
    return _document(lambda document: document.encode().replace(b"<item><title>", b"<item><title>" + text, 1))


def _in_items(pattern: str, text: str) -> Fault:
    return _document(lambda document: re.sub(pattern, lambda _: text, document, flags=re.DOTALL))


def _after_items(text: str) -> Fault:
    return _document(lambda document: document.replace("</channel>", f"{text}</channel>"))


def _before_root(text: str) -> Fault:
    return _document(lambda document: document.replace("<rss ", f"{text}<rss ", 1))


def _laughs(codec: str = "utf-8") -> Fault:
    letters = "abcdefghij"
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {letter} "{f"&{before};" * 10}">' for before, letter in pairwise(letters)
    )

    def change(document: str) -> bytes:
        document = document.replace("<rss ", f"<!DOCTYPE rss [{entities}]><rss ", 1)
        return _TITLE.sub("<item><title>&j;", document).replace("utf-8", codec).encode(codec)

    return _document(change, _PLAIN)


ENCODINGS: Mapping[str, Fault] = {
    "Windows-1252 that says UTF-8": _encoded("cp1252", "utf-8", XML),
    "Windows-1252 that says nothing": _encoded("cp1252"),
    "Windows-1252 that says Latin-1": _encoded("cp1252", "iso-8859-1"),
    "Latin-1 in the header, UTF-8 in truth": _encoded("utf-8", "", "text/xml; charset=iso-8859-1"),
    "Latin-1 in the first line, UTF-8 in truth": _encoded("utf-8", "iso-8859-1"),
    "UTF-16 in the first line, UTF-8 in truth": _encoded("utf-8", "utf-16"),
    "UTF-16 in the header, UTF-8 in truth": _encoded("utf-8", "utf-8", "text/xml; charset=utf-16"),
    "ASCII that is none": _encoded("utf-8", "us-ascii", "text/xml"),
    "UTF-8 with its mark": _encoded("utf-8", "utf-8", _PLAIN, codecs.BOM_UTF8),
    "UTF-8 with its mark twice": _encoded("utf-8", "utf-8", _PLAIN, codecs.BOM_UTF8 * 2),
    "mark and Latin-1": _encoded("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1", codecs.BOM_UTF8),
    "blank lines before the first line": _encoded("utf-8", "utf-8", _PLAIN, b"\r\n \n"),
    "UTF-16LE with its mark": _encoded("utf-16-le", "utf-16", _PLAIN, codecs.BOM_UTF16_LE),
    "UTF-16BE with its mark": _encoded("utf-16-be", "utf-16", _PLAIN, codecs.BOM_UTF16_BE),
    "UTF-16 that says UTF-8": _encoded("utf-16-le", "utf-8", XML, codecs.BOM_UTF16_LE),
    "UTF-16LE without a mark": _encoded("utf-16-le", "utf-16"),
    "UTF-16BE without a mark": _encoded("utf-16-be", "utf-16"),
    "UTF-32": _encoded("utf-32-be", "utf-32", _PLAIN, codecs.BOM_UTF32_BE),
    "an encoding that nobody knows": _encoded("utf-8", "x-harbour", "text/xml; charset=x-harbour"),
    "an encoding that is no text": _encoded("utf-8", "zlib", "text/xml; charset=rot13"),
    "an encoding of host names": _encoded("utf-8", "idna", "text/xml; charset=punycode"),
    "UTF-7": _encoded("utf-8", "utf-7", "text/xml; charset=utf-7"),
    "NULs in the text": _first_title("\0"),
    "NULs all over": _document(lambda text: text.replace("><", ">\0<")),
    "controls in the text": _first_title("\x01\x08\x1b\x7f"),
    "invalid bytes": _first_title_in_bytes(b"\xff\xfe\xc3\x28"),
    "half a character": _first_title_in_bytes(b"\xe2\x82"),
    "surrogates": _first_title_in_bytes(b"\xed\xa0\x80"),
    "plain text by its header": _encoded("utf-8", "utf-8", "text/plain"),
    "HTML by its header": _encoded("utf-8", "utf-8", "text/html; charset=utf-8"),
    "an image by its header": _encoded("utf-8", "utf-8", "image/png"),
    "nothing by its header": _encoded("utf-8", "utf-8", ""),
    "nonsense by its header": _encoded("utf-8", "utf-8", ';;charset===";'),
}
REFERENCES: Mapping[str, Fault] = {
    "references of HTML": _first_title("&nbsp;&shy;"),
    "references that nobody knows": _first_title("&harbour;"),
    "bare ampersands": _first_title("& && "),
    "references to no character": _first_title("&#0;&#xD800;&#xFFFFFFFF;&#99999999999999;"),
    "marked up headline": _first_title("&lt;script&gt;alert(1)&lt;/script&gt;&lt;b&gt;&lt;/b&gt;"),
    "signs that turn text around": _first_title("\u202e\u2066\u200b"),
    "billion laughs": _laughs(),
    "billion laughs in UTF-16": _laughs("utf-16"),
    "file as an entity": _before_root('<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/hostname">]>'),
    "parameter entity": _before_root('<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]>'),
    "document type elsewhere": _before_root('<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/rss.dtd">'),
    "style sheet elsewhere": _before_root('<?xml-stylesheet href="http://127.0.0.1:1/x.xsl" type="text/xsl"?>'),
}
LINKS: Mapping[str, Fault] = {
    "relative links": _in_items("<link>http://127.0.0.1", "<link>"),
    "links by javascript": _in_items("<item>(?=<title>)", "<item><link>javascript:alert(1)</link>"),
    "links to files": _in_items("<link>http:.*?</link>", "<link>file:///etc/hostname</link>"),
    "links to no host": _in_items("<link>http:.*?</link>", "<link>http://[broken</link>"),
    "links to the feed itself": _in_items("<link>http:.*?</link>", "<link>/faulty</link>"),
    "no links": _in_items("<link>http:.*?</link>", ""),
    "base that leads away": _document(lambda text: text.replace("<rss ", '<rss xml:base="http://[x" ')),
    "ids that are one": _in_items("<guid.*?</guid>", '<guid isPermaLink="false">1</guid>'),
    "items twice": _document(lambda text: re.sub("(<item>.*</item>)", r"\1\1", text, flags=re.DOTALL)),
    "no ids": _in_items("<guid.*?</guid>", ""),
}
TIMES: Mapping[str, Fault] = {
    f"times: {stamp[:24] or 'none'}": _in_items("<pubDate>.*?</pubDate>", f"<pubDate>{stamp}</pubDate>")
    for stamp in (
        "",
        "2 hours ago",
        "yesterday",
        "Tue, 01 Jan 2999 00:00:00 GMT",
        "9999-12-31T23:59:59-14:00",
        "0000-00-00T00:00:00Z",
        "Mon, 30 Feb 2026 25:61:61 +9999",
        "1772625600",
        "-1",
        "9" * 4_000,
        "١٢ مارس",
    )
} | {"no times": _in_items("<pubDate>.*?</pubDate>", "")}


def _items(count: int) -> Fault:
    return _after_items("".join(f"<item><title>Tide {n}</title><guid>t{n}</guid></item>" for n in range(count)))


def _slow(text: str) -> str:
    return text.replace("</channel>", "<x " + " ".join(f'a{n}="x"' for n in range(18_000)) + "/></channel>")


# Some seconds of reading: it is still being read when the others are done.
SLOW: Fault = _document(_slow)
SIZES: Mapping[str, Fault] = {
    "10,000 items": _items(10_000),
    "thousands of elements that end in themselves": _in_items("</item>", "<x/>" * 15_000 + "</item>"),
    "headline of a megabyte": _first_title("tide " * 200_000),
    "author of a megabyte": _in_items("</item>", f"<author>{'a.' * 250_000}</author></item>"),
    "creator of a megabyte": _in_items("</item>", f"<dc:creator>{'a' * 500_000}</dc:creator></item>"),
    "attribute of a megabyte": _after_items(f'<x a="{"x" * 1_000_000}"/>'),
    "thousands of attributes": _after_items("<x " + " ".join(f'a{n}="x"' for n in range(3_000)) + "/>"),
    "name of a megabyte": _after_items(f"<{'x' * 1_000_000}/>"),
    "blank lines without end": _before_root("\n" * 1_000_000),
    "first line without end": _document(lambda text: "<?xml " + "encoding='x'" * 50_000 + "\n" + text),
    "first line that goes on": _document(lambda text: text.replace("?>\n", "?>" + "encoding='x'" * 50_000 + "\n")),
    "deep XML": _after_items("<x>" * _DEEP),
    "deep XML that closes": _after_items("<x>" * _DEEP + "</x>" * _DEEP),
    "deep XML in UTF-16": _document(
        lambda text: text.replace("</channel>", "<x>" * _DEEP).encode("utf-16"), "application/xml; charset=utf-16"
    ),
    "deep HTML in an item": _in_items("</item>", f"<description>{'&lt;div&gt;' * 50_000}</description></item>"),
    "open formats in an item": _in_items(
        "</item>",
        "<description>"
        + "".join(f'&lt;b id="{n}"&gt;' for n in range(240))
        + "&lt;p&gt;x" * 20_000
        + "</description></item>",
    ),
}
KINDS: Mapping[str, Fault] = {
    "nothing": _instead(b""),
    "one blank": _instead(b" "),
    "HTML": _instead("<!DOCTYPE html><html><body><p>We are moving house.</p></body></html>", HTML),
    "HTML that says XML": _instead("<!DOCTYPE html><html><head><title>Sign in</title></head></html>"),
    "XHTML": _instead('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'),
    "another XML": _instead('<?xml version="1.0"?><urlset><url><loc>/a</loc></url></urlset>'),
    "XML cut in its first item": _document(lambda text: text[: text.index("<item>") + 9]),
    "XML cut in its last item": _document(lambda text: text[: text.rindex("</item>") - 4]),
    "XML that closes wrongly": _document(lambda text: text.replace("</title>", "</titel>", 1)),
    "XML without an end": _document(lambda text: text[: text.rindex("</channel>")]),
    "two documents": _document(lambda text: text + text),
    "JSON of something else": _instead('{"error": "no such feed"}', "application/json"),
    "JSON that is broken": _instead('{"version": "https://jsonfeed.org/version/1.1", "items": [', JSON),
    "deep JSON": _instead("[" * _DEEP, JSON),
    "deep JSON in a feed": _instead('{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * _DEEP, JSON),
    "JSON author of a megabyte": _instead(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "items": [{"id": "9", "title": "Tide", "authors": [{"name": "a." * 250_000}]}],
            }
        ),
        JSON,
    ),
    "words": _instead("We are moving house.", "text/plain"),
    "PDF": _instead(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "application/pdf"),
    "picture": _instead(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
    "feed that has ended": _instead(
        "<rss version='2.0'><channel><item><title>This feed has ended</title></item></channel></rss>"
    ),
}
DOCUMENTS: Mapping[str, Fault] = named(ENCODINGS, REFERENCES, LINKS, TIMES, SIZES, KINDS)
# Where a page of HTML is wanted, read by selectors.
PAGES: Mapping[str, Fault] = {
    "XML for HTML": _instead('<?xml version="1.0"?><rss version="2.0"><channel/></rss>'),
    "JSON for HTML": _instead('{"items": []}', JSON),
    "nothing for HTML": _instead(b"", HTML),
    "another page": _instead("<!DOCTYPE html><p>We are moving house.", HTML),
    "rows without headlines": _instead("<ul><li><a></a><li></ul>", HTML),
    "deep HTML": _instead("<div>" * _DEEP, HTML),
    "open formats": _instead("".join(f"<b id={n}>" for n in range(240)) + "<p>x" * 20_000, HTML),
    "attribute of a megabyte for HTML": _document(
        lambda text: text.replace("<li", f'<li a="{"x" * 900_000}"', 1), HTML
    ),
    "comment without end": _document(lambda text: text + "<!--" * 100_000, HTML),
    "NULs in a page": _document(lambda text: text.replace("<li", "\0<li\0 "), HTML),
    "Windows-1252 page that says UTF-8": _document(lambda text: text.encode("cp1252"), HTML),
    "Windows-1252 page that says nothing": _document(
        lambda text: text.replace('<meta charset="utf-8">', "").encode("cp1252"), "text/html"
    ),
    "UTF-16 page": _document(lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"), "text/html"),
    "page with relative times": _document(
        lambda text: re.sub(r"<time.*?</time>", "<time>2 hours ago</time>", text), HTML
    ),
    "page with times to come": _document(
        lambda text: re.sub(r"<time.*?</time>", "<time>1 May 2999</time>", text), HTML
    ),
    "page without times": _document(lambda text: re.sub(r"<time.*?</time>", "", text), HTML),
    "page with a base that leads nowhere": _document(
        lambda text: text.replace("</head>", "<base href='//[x'></head>"), HTML
    ),
}
