"""Who says what in a press release: the quotations, introduced, attributed or signed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.model import Quotation
from bot.sources.markup import squash
from bot.sources.outline import Place, Segment
from bot.sources.speakers import split_speaker

_VERB = (
    r"(?:said|says|commented|comments|added|adds|continued|concluded|stated|explained|responded|replied|insisted|warned|"
    r"remarked|welcomed|told [\w ]{1,40})"
)
# The speaker, the verb, perhaps where and when ("said today"), a colon, and perhaps the first words said.
_INTRODUCTION = re.compile(rf"(?P<who>[^:]{{2,200}}?),?\s+{_VERB}\b[^:.\"“‘]{{0,60}}:\s*(?P<words>.*)", re.DOTALL)
# "One," said Ada Bell, Minister for Clocks. "Two." And: "One," Ada Bell, Minister for Clocks, said.
_ATTRIBUTED = re.compile(
    r"(?P<first>[\"“‘'].{2,5000}?[,.!?…]?[\"”’']),?\s+"
    rf"(?:{_VERB}\s+(?P<who>[^.:;\"“”]{{2,200}})|(?P<before>[^.:;\"“”]{{2,200}}?),?\s+{_VERB}\b[^.:;\"“”]{{0,60}})"
    r"(?P<end>[.,:]|\Z)\s*(?P<more>[\"“‘'].*)?",
    re.DOTALL,
)
_WHO = re.compile(r"(?:an?|the|he|she|they)\b|[A-ZÀ-Þ]")
_PRONOUN = re.compile(
    r"(?:and\s+)?(?:he|she|they|the (?:minister|secretary|spokes\w+|chair\w*|leader))(?: also)?", re.IGNORECASE
)
# "— Ada Bell, Minister for Clocks"
_SIGNED = re.compile(r"[—–―-]{1,2}\s*(?P<who>[A-ZÀ-Þ][^:;!?]{2,150}?)\.?")
# Whoever is named below more than these did not say them all.
_LONGEST_SIGNED = 50
_DOUBLE, _SINGLE = '"“”„«»', "'‘’‚"
_OPENING = "\"“„«'‘‚"
_CLOSING = "\"”»“'’"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph: `quoted` where the page sets it off as a quotation, `cites` where it names who said one.

    `block` is the element that holds a quotation and the name together.
    """

    text: str
    quoted: bool = False
    cites: bool = False
    block: Place | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """Who said what, and where the paragraphs go on."""

    who: str
    said: Sequence[str]
    end: int


def paragraphs_of(part: Segment, *, quoted: bool = False) -> Iterator[Paragraph]:
    """Give a segment as a paragraph, and what names the speaker in it as another."""
    quoted = quoted or part.place.within("blockquote")
    if not quoted and not part.place.within("figure"):
        if part.text:
            yield Paragraph(part.text)
        return
    block = next((place for place in part.place.upwards() if place.tag in {"blockquote", "figure"}), None)
    while block is not None and block.parent is not None and block.parent.tag == "figure":
        block = block.parent
    for cites in (False, True):
        text = squash("".join(p.text for p in part.pieces if p.kind != "image" and names_speaker(p.place) is cites))
        if text:
            yield Paragraph(text, quoted and not cites, cites, block)


def names_speaker(place: Place) -> bool:
    """Tell whether a place is where a quotation names who said it."""
    return place.within("cite", "figcaption") or (place.within("footer") and place.within("blockquote"))


def find(paragraphs: Sequence[Paragraph]) -> tuple[Quotation, ...]:
    """Find who says what.

    "Office, Name, said:" before what is quoted or opens with a mark; "…", said Name, Office; and what is signed below.
    """
    found: list[Quotation] = []
    index, begins = 0, True
    while index < len(paragraphs):
        each = _introduced(paragraphs, index) or _attributed(paragraphs, index)
        # What is signed is looked for from its first paragraph alone: a page may have a hundred thousand.
        each = each or (_signed(paragraphs, index) if begins else None)
        begins = each is not None or not _is_said(paragraphs[index])
        index = index + 1 if each is None else each.end
        if each is None:
            continue
        text = "\n\n".join(stripped for stripped in map(_strip, each.said) if stripped)
        if text:
            last = found[-1] if found else None
            same = last is not None and _PRONOUN.fullmatch(each.who) is not None
            speaker, office = (last.speaker, last.office) if last is not None and same else split_speaker(each.who)
            found.append(Quotation(speaker, office, text))
    return tuple(found)


def _introduced(paragraphs: Sequence[Paragraph], index: int) -> _Found | None:
    text = paragraphs[index].text
    introduction = None if _opens(text) else _INTRODUCTION.fullmatch(text)
    if introduction is None:
        return None
    words = introduction["words"]
    said = [words] if _opens(words) else []
    end = index + 1
    if said or not words:
        end = _run(paragraphs, end)
    after = end
    if index + 1 < end < len(paragraphs) and paragraphs[end].cites:
        # Another's quotation may follow at once; or it is named below, too.
        first = next(i for i in range(index + 1, end + 1) if paragraphs[i].block is paragraphs[end].block)
        end, after = (first, first) if first > index + 1 else (end, end + 1)
    said += [paragraph.text for paragraph in paragraphs[index + 1 : end]]
    return _Found(introduction["who"].strip(), said, after)


def _attributed(paragraphs: Sequence[Paragraph], index: int) -> _Found | None:
    form = _ATTRIBUTED.fullmatch(paragraphs[index].text)
    who = (form["who"] or form["before"]).strip(" ,") if form is not None else ""
    if form is None or not _WHO.match(who):
        return None
    first = _strip(form["first"])
    more = form["more"] or ""
    if form["end"] != ",":
        first = f"{first[:-1]}." if first.endswith(",") else first
    end = index + 1
    # Where its last words are not closed, the quotation goes on.
    if more and more[-1] not in _CLOSING:
        end = _run(paragraphs, end)
    return _Found(who, [f"{first} {_strip(more)}".strip(), *(p.text for p in paragraphs[index + 1 : end])], end)


def _signed(paragraphs: Sequence[Paragraph], index: int) -> _Found | None:
    """Find a quotation with its speaker below it, beside its paragraphs or as the last of them."""
    end = _run(paragraphs[: index + _LONGEST_SIGNED], index)
    for name in (end, end - 1):
        who = _signature(paragraphs[name]) if index < name < len(paragraphs) else ""
        if who:
            return _Found(who, [paragraph.text for paragraph in paragraphs[index:name]], name + 1)
    return None


def _signature(paragraph: Paragraph) -> str:
    dash = _SIGNED.fullmatch(paragraph.text)
    return dash["who"].strip() if dash is not None else paragraph.text if paragraph.cites else ""


def _run(paragraphs: Sequence[Paragraph], index: int) -> int:
    """Give where the paragraphs that are quoted, or open with a mark, end."""
    while index < len(paragraphs) and _is_said(paragraphs[index]):
        index += 1
    return index


def _is_said(paragraph: Paragraph) -> bool:
    return not paragraph.cites and (paragraph.quoted or _opens(paragraph.text))


def _opens(text: str) -> bool:
    return text[:1] in _OPENING if text else False


def _strip(text: str) -> str:
    """Take the outer quotation marks away; one that closes an inner quotation stays."""
    if not _opens(text):
        return text
    marks = _DOUBLE if text[0] in _DOUBLE else _SINGLE
    count = sum(text.count(mark) for mark in marks)
    closes = len(text) > 1 and text[-1] in _CLOSING and text[-1] in marks
    # Apostrophes cannot be told from closing single quotes, so only double ones are counted.
    if closes and (marks == _SINGLE or count % 2 == 0):
        return text[1:-1].strip()
    return text[1:].strip()
