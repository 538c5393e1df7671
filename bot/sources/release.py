"""One press release read from its page: organisation, headline, body, quotations, topic and time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.languages import say
from bot.model import Item, Source
from bot.sources import attachments, quotations
from bot.sources.addresses import canonical
from bot.sources.documents import Page, Unreadable
from bot.sources.identity import digest, fold, shorten_key
from bot.sources.markup import decode, has_markup, parse, shorten, squash
from bot.sources.outline import Place, Segment, base_of, node_segments, plain, segments, select, select_text
from bot.sources.quotations import Paragraph
from bot.sources.times import parse_time

_LABEL = re.compile(r"(?P<organisation>\S.{0,100}?) press release", re.IGNORECASE)
_SECTION = re.compile(r"(?:latest |all |more )?(?:press releases?|news releases?|media releases?)", re.IGNORECASE)
_PREFIX = re.compile(
    r"(?P<organisation>(?:[A-Z][^:|?!\"“]{0,60} )?(?:Agency|Assembly|Association|Authority|Board|Bureau|Commission|"
    r"Committee|Council|Department|Federation|Foundation|Government|Institute|Ministry|Office|Party|Service|Society|"
    r"Treasury|Trust|Union|University)\b[^:|?!\"“]{0,60}): (?=\S)"
)
_PUBLISHED = re.compile(r"(?:published|posted|issued|released|date)(?: on| at)?(?::|\b)\s*", re.IGNORECASE)
_LATEST = re.compile(r"latest (?:news )?on:? (?P<topic>\S.{0,100})", re.IGNORECASE)
_ENDS = re.compile(
    r"(?:share (?:this|on)|related|read more|more (?:news|from|press)|latest |comments?\b|tags?:|follow us|sign up|"
    r"subscribe|contacts?:?$|(?:press|media) contacts?|further information)",
    re.IGNORECASE,
)
_LONGEST_END = 60
_CHROME = ("nav", "aside", "footer", "form", "button", "dialog")
_TEXT_TAGS = frozenset({"p", "li", "blockquote", "h2", "h3", "h4", "dd"})
_HEADINGS = ("h1", "h2", "h3")
_NEAR = 12
_LONGEST_PREFIX = 9
_PROSE = 80
_FEWEST_WORDS = 4


def read_release(page: Page, source: Source, now: datetime) -> Item:
    """Read a release's page.

    Selectors in `source.select` (headline, body, organisation, topic, time; only body where there is one for rows)
    decide. Else the known form is
    looked for: a title `Organisation: headline`, the label "<Organisation> press release", the text, and "Latest on
    <topic>". Else the first heading and the paragraphs of the main part are taken.

    Raises:
        Unreadable: no headline, or no text.
    """
    text = decode(page)
    parts = segments(text)
    tree = parse(text) if has_markup(text) else None
    label = find_label(parts)
    zone = ZoneInfo(source.timezone)
    organisation, headline, topic, stamp = "", "", "", ""
    body: list[Paragraph] = []
    around: Sequence[Segment] = ()
    if label is not None:
        organisation, headline, body, topic, around = _known_form(parts, label)
    elif tree is not None:
        headline, body, around = _generic(tree)
    # A line that is only a date says when, and is no text.
    while body and parse_time(line := _PUBLISHED.sub("", body[0].text, count=1), zone, now) is not None:
        stamp = line
        body.pop(0)
    stamp = (_stamp(tree) if tree is not None else "") or stamp
    if tree is not None and tree.root is not None:
        # Beside a selector for rows, all but the body's belong to the list's rows.
        chosen = {"body": source.select.get("body", "")} if "row" in source.select else source.select
        organisation = select_text(tree.root, chosen.get("organisation", "")) or organisation
        headline = select_text(tree.root, chosen.get("headline", "")) or headline
        selected = list(_selected_body(tree.root, chosen.get("body", "")))
        if any(part.text for part, _ in selected):
            around = [part for part, _ in selected]
            body = [each for part, quoted in selected for each in quotations.paragraphs_of(part, quoted=quoted)]
        topic = select_text(tree.root, chosen.get("topic", "")) or topic
        stamp = select_text(tree.root, chosen.get("time", "")) or stamp
    organisation = organisation or source.organisation or _prefix(headline)
    headline = without_prefix(headline, organisation)
    if not headline or not body:
        raise Unreadable(
            say(
                "this page has no headline with text below it: check that the address is a press release's, "
                "or name {headline} and {body} under {table}",
                headline="headline",
                body="body",
                table="[source.select]",
            )
        )
    url = page.url if page.url.startswith(("http://", "https://")) else ""
    return Item(
        key=shorten_key(canonical(url)) if url else digest(fold(organisation), fold(headline)),
        kind="release",
        headline=headline,
        url=url,
        organisation=organisation,
        topic=topic,
        summary=shorten(next((p.text for p in body), "")),
        body="\n\n".join(paragraph.text for paragraph in body),
        quotations=quotations.find(body),
        icon=source.icon,
        published_at=parse_time(stamp, zone, now),
        attachments=attachments.find(around, base_of(tree, page.url) if tree is not None else page.url),
    )


def find_label(parts: Sequence[Segment]) -> int | None:
    """Find the one "<Organisation> press release" with a paragraph after it; a list has many, or none with text."""
    labels = [index for index, part in enumerate(parts) if _label(part) and not _is_chrome(part.place)]
    if len({fold(parts[index].text) for index in labels}) != 1:
        return None
    index = labels[0]
    # A title that is no link stands over its own text, however short that is.
    above = parts[max(0, index - _NEAR) : index]
    if any(without_prefix(part.text, _label(parts[index])) != part.text and not _is_link(part) for part in above):
        return index
    after = parts[index + 1 : index + 1 + _NEAR]
    return index if any(len(part.text) > _PROSE and not _is_link(part) for part in after) else None


def _label(part: Segment) -> str:
    form = _LABEL.fullmatch(part.text)
    if form is None or _SECTION.fullmatch(part.text) or form["organisation"].casefold() in {"this", "the", "a", "our"}:
        return ""
    return form["organisation"].strip()


def without_prefix(headline: str, organisation: str) -> str:
    """Drop `Organisation: ` from the beginning of a headline."""
    before, colon, after = headline.partition(":")
    return after.strip() if colon and after.strip() and fold(before) == fold(organisation) else headline


def _prefix(headline: str) -> str:
    """Give the organisation that a headline begins with; what is called nothing like one is a part of the headline."""
    form = _PREFIX.match(headline)
    words = form["organisation"].split() if form is not None else []
    return " ".join(words) if 1 < len(words) <= _LONGEST_PREFIX else ""


def _known_form(parts: Sequence[Segment], label: int) -> tuple[str, str, list[Paragraph], str, Sequence[Segment]]:
    """Give organisation, headline, body and topic, and the segments among which the body stands."""
    organisation = _label(parts[label])
    above = [
        part
        for part in reversed(parts[max(0, label - _NEAR) : label])
        if part.text and not _SECTION.fullmatch(part.text) and not _is_chrome(part.place)
    ]
    below = parts[label + 1 : label + 3]
    titled = next((p.text for p in [*above, *below] if without_prefix(p.text, organisation) != p.text), "")
    # Some have the label over the heading.
    heading = next((part.text for part in [*above, *below] if part.place.within(*_HEADINGS)), "")
    headline = titled or heading or (above[0].text if above else "")
    body: list[Paragraph] = []
    topic = ""
    around: list[Segment] = []
    for part in parts[label + 1 :]:
        latest = _LATEST.fullmatch(part.text)
        if latest is not None:
            topic = latest["topic"].strip()
            break
        if body and _is_end(part):
            break
        if part.text and part.text != headline and not _is_chrome(part.place) and not _label(part):
            body += quotations.paragraphs_of(part)
        if not _is_chrome(part.place):
            around.append(part)
    if not topic:
        later = (_LATEST.fullmatch(part.text) for part in parts[label + 1 :])
        topic = next((form["topic"].strip() for form in later if form is not None), "")
    return organisation, headline, body, topic, around


def _is_end(part: Segment) -> bool:
    if part.place.within("footer") and _is_chrome(part.place):
        return True
    return (
        len(part.text) <= _LONGEST_END and _ENDS.match(part.text) is not None and not part.text.endswith((".", "said:"))
    )


def _is_link(part: Segment) -> bool:
    linked = sum(len(piece.text) for piece in part.pieces if piece.href)
    return linked * 2 > sum(len(piece.text) for piece in part.pieces)


def _is_chrome(place: Place) -> bool:
    return place.within(*_CHROME) and not quotations.names_speaker(place)


def _generic(tree: LexborHTMLParser) -> tuple[str, list[Paragraph], Sequence[Segment]]:
    """Take the first heading, the prose after it in the main part of the page, and the segments among which that is."""
    heading = next((node for node in tree.css("h1") if plain(node)), None)
    title = tree.css_first("title")
    headline = plain(heading) if heading is not None else (squash(title.text()) if title is not None else "")
    if _SECTION.fullmatch(headline) or tree.body is None:
        return "", [], ()
    body: list[Paragraph] = []
    around: list[Segment] = []
    for part in _after(node_segments(_main(tree, heading) or tree.body), headline):
        if _is_end(part):
            if any(len(paragraph.text) > _PROSE for paragraph in body):
                break
        elif _is_prose(part):
            body += quotations.paragraphs_of(part)
        if body and not (part.place.within("header") or _is_chrome(part.place)):
            around.append(part)
    # Without a full paragraph it is a menu or a notice.
    return headline, body if any(len(paragraph.text) > _PROSE for paragraph in body) else [], around


def prose_length(tree: LexborHTMLParser) -> int:
    """Count the letters of the text that a page without any known form would give."""
    return sum(len(paragraph.text) for paragraph in _generic(tree)[1])


def _main(tree: LexborHTMLParser, heading: LexborNode | None) -> LexborNode | None:
    """Give the element that the page declares as its main part, if the heading stands in it."""
    for selector in ("article", "main", "[role=main]", "[itemprop=articleBody]"):
        found = tree.css(selector)
        node = heading.parent if heading is not None else None
        while node is not None and heading is not None:
            if node in found:
                return node
            node = node.parent
        if len(found) == 1 and found[0].css_first("p") is not None:
            return found[0]
    return None


def _after(parts: Sequence[Segment], headline: str) -> Sequence[Segment]:
    start = next((index + 1 for index, part in enumerate(parts) if part.text == headline), 0)
    return parts[start:]


def _is_prose(part: Segment) -> bool:
    if not part.text or part.place.within("header") or _is_chrome(part.place) or _is_link(part):
        return False
    if part.place.within("li") and len(part.text.split()) < _FEWEST_WORDS:
        return False
    return part.place.within(*_TEXT_TAGS) or quotations.names_speaker(part.place)


def has_selected_body(text: str, source: Source) -> bool:
    """Tell whether the source's selector for the body finds one."""
    selector = source.select.get("body", "")
    root = parse(text).root if selector and has_markup(text) else None
    return root is not None and any(part.text for part, _ in _selected_body(root, selector))


def _selected_body(root: LexborNode, selector: str) -> Iterator[tuple[Segment, bool]]:
    """Give the segments of the selected body, and whether they stand in a quotation."""
    if selector:
        for node, _ in select(root, selector.partition("@")[0]):
            for part in node_segments(node):
                yield part, node.tag == "blockquote" or part.place.within("blockquote")


def _stamp(tree: LexborHTMLParser) -> str:
    """Give the time of publication as the page declares it."""
    for selector, attribute in (
        ('meta[property="article:published_time"]', "content"),
        ('[itemprop="datePublished"]', "datetime"),
        ('[itemprop="datePublished"]', "content"),
        ("article time, main time", "datetime"),
        ("time", "datetime"),
    ):
        node = tree.css_first(selector)
        value = (node.attributes.get(attribute) or "") if node is not None else ""
        if value:
            return value
    node = tree.css_first("time")
    return plain(node) if node is not None else ""
