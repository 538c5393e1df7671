"""Where a page's feeds may be: those it announces, those it links to, and where common systems have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.sources.addresses import absolute, canonical, host_of
from bot.sources.documents import Page, Unreadable
from bot.sources.markup import decode, has_markup, parse, shorten, squash
from bot.sources.outline import base_of, plain

Origin = Literal["system", "announced", "linked", "usual"]
# In this order: a system whose addresses are known, what the page says itself, what it links to, and guesses.
_ORIGINS: tuple[Origin, ...] = ("system", "announced", "linked", "usual")
MOST_CANDIDATES = 40
_LONGEST_TITLE = 100

_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}
    | {"application/x-rss+xml", "application/x-atom+xml", "text/rss+xml"}
)
# Types that say as much of oEmbed and other interfaces as of feeds; the address must look like one, too.
_VAGUE_TYPES = frozenset({"", "application/json", "application/xml", "text/xml"})
_NO_FEED = re.compile(r"/wp-json/|oembed|sitemap|opensearch|manifest|/xmlrpc|/osd\.xml", re.IGNORECASE)
_FEED_PATH = re.compile(r"(?:^|/)(?:rss|feeds?|atom)(?:$|[/._-]|\d)|\.(?:rss|atom|rdf|xml)$|feed\.json$", re.IGNORECASE)
_FEED_NAMES = frozenset({"feed", "format", "type", "output", "alt"})
_FEED_VALUES = frozenset({"rss", "rss2", "atom", "rdf", "feed"})
_FEED_HOSTS = ("feeds.", "feed.", "rss.")
# Not "comment": so papers call opinion.
_COMMENTS = re.compile(r"\bcomments\b", re.IGNORECASE)
_SCHEME = re.compile(r"^feed:(?://(?!/)|(?=https?:))", re.IGNORECASE)
# WordPress and Ghost; Drupal and Joomla; many; Jekyll; Blogger and GitHub; Hugo; JSON Feed.
_USUAL = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_GOVUK = "www.gov.uk"
# As finder-frontend and collections serve them: every finder and every organisation has a feed beside it.
_GOVUK_PATHS = re.compile(r"/search/[a-z0-9-]+|/government/organisations/[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a feed's. `title` is what the page calls it; `comments` says that it has no news."""

    url: str
    origin: Origin
    title: str = ""
    comments: bool = False

    @property
    def rank(self) -> int:
        """Candidates of a lower rank are better; those of one rank stand in the page's own order."""
        return len(_ORIGINS) if self.comments else _ORIGINS.index(self.origin)


def candidates(page: Page, *, guess: bool = True) -> tuple[Candidate, ...]:
    """List where the feeds of an HTML page may be, best first, each address once.

    Without `guess` only what the page itself announces. Never raises: a page that cannot be parsed announces nothing.
    """
    found: list[Candidate] = []
    tree = _tree(page)
    if guess:
        found += _of_system(page.url)
    if tree is not None:
        base = base_of(tree, page.url)
        found += _announced(tree, base)
        if guess:
            found += _linked(tree, base, page.url)
    if guess:
        found += _usual(page.url)
    once: dict[str, Candidate] = {}
    for candidate in found:
        once.setdefault(canonical(candidate.url), candidate)
    # A page is not its own feed, whatever it says.
    once.pop(canonical(page.url), None)
    return tuple(sorted(once.values(), key=lambda candidate: candidate.rank)[:MOST_CANDIDATES])


def _tree(page: Page) -> LexborHTMLParser | None:
    text = decode(page)
    if not has_markup(text):
        return None
    try:
        return parse(text)
    except Unreadable:
        return None


def _of_system(url: str) -> Iterator[Candidate]:
    if host_of(url) == _GOVUK:
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        if _GOVUK_PATHS.fullmatch(path):
            yield Candidate(urlunsplit(("https", _GOVUK, f"{path}.atom", parts.query, "")), "system")


def _announced(tree: LexborHTMLParser, base: str) -> Iterator[Candidate]:
    for node in tree.css("link[href]"):
        rel = _attribute(node, "rel").lower().split()
        if not {"alternate", "feed"} & set(rel) or "stylesheet" in rel:
            continue
        kind = _attribute(node, "type").partition(";")[0].strip().lower()
        url, title = _address(base, node), squash(_attribute(node, "title"))
        sure = kind in _TYPES or (not kind and "feed" in rel)
        if url and (sure or (kind in _VAGUE_TYPES and _looks_like_feed(url))) and not _NO_FEED.search(url):
            yield _candidate(url, "announced", title)


def _linked(tree: LexborHTMLParser, base: str, page_url: str) -> Iterator[Candidate]:
    own = _site(page_url)
    for node in tree.css("a[href]"):
        url = _address(base, node)
        if url and _looks_like_feed(url) and not _NO_FEED.search(url):
            host = host_of(url)
            # Others' feeds are news of others; only services that serve feeds for somebody have names like these.
            if _site(url) == own or host.startswith(_FEED_HOSTS):
                yield _candidate(url, "linked", plain(node) or squash(_attribute(node, "title")))


def _usual(url: str) -> Iterator[Candidate]:
    path = urlsplit(url).path
    here = path if path.endswith("/") else f"{path}/"
    # WordPress has a feed below every page that lists something.
    below = [] if here == "/" or "." in path.rpartition("/")[2] else [f"{here}feed/"]
    for guessed in (*below, *_USUAL):
        address = absolute(url, urljoin(url, guessed))
        if address:
            yield _candidate(address, "usual", "")


def _candidate(url: str, origin: Origin, title: str) -> Candidate:
    about_comments = _COMMENTS.search(title) or _COMMENTS.search(urlsplit(url).path.replace("_", " "))
    return Candidate(url, origin, shorten(title, _LONGEST_TITLE), about_comments is not None)


def _address(base: str, node: LexborNode) -> str:
    href = squash(_attribute(node, "href"))
    scheme = _SCHEME.match(href)
    if scheme is not None:
        href = href[scheme.end() :] if not scheme[0].endswith("//") else f"http://{href[scheme.end() :]}"
    return absolute(base, href)


def _looks_like_feed(url: str) -> bool:
    parts = urlsplit(url)
    return _FEED_PATH.search(parts.path) is not None or _asks_for_feed(parts.query)


def _asks_for_feed(query: str) -> bool:
    try:
        fields = parse_qs(query, max_num_fields=50)
    except ValueError:
        return False
    return any(name.lower() in _FEED_NAMES and _has(_FEED_VALUES, values) for name, values in fields.items())


def _has(known: frozenset[str], values: Iterable[str]) -> bool:
    return any(value.lower() in known for value in values)


def _site(url: str) -> str:
    """Give the host without www, close enough to tell a site's own feeds from others'."""
    return host_of(url).removeprefix("www.")


def _attribute(node: LexborNode, name: str) -> str:
    return node.attributes.get(name) or ""
