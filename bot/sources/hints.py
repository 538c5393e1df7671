"""How a feed says that it wants to be polled: how often, when not, and which WebSub hub tells of news."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from bot.model import Hints
from bot.sources import head
from bot.sources.addresses import absolute
from bot.sources.documents import Page, Unchanged
from bot.sources.head import Element

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=1)
_NOTHING = timedelta(0)
_LONGEST_ADDRESS = 2_000
_LONGEST_HEADER = 8_192
# RSS 2.0 names the days in English: https://www.rssboard.org/rss-specification, skipDays.
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = 24
# The syndication module, https://web.resource.org/rss/1.0/modules/syndication/; a year and a month are cut anyway.
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_NUMBER = re.compile(r"[0-9]{1,9}")
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r"""\brel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""", re.IGNORECASE)


def read(answer: Page | Unchanged, before: Hints) -> Hints:
    """Read the hints of an answer; one that is unchanged says again what the one before said. Never raises.

    A document that would skip all hours or all days means something else: then it skips none. What it asks for lies
    between a minute and a day.
    """
    if isinstance(answer, Unchanged):
        return before if answer.fresh_for is None else replace(before, fresh_for=timedelta(seconds=answer.fresh_for))
    elements: tuple[Element, ...] = ()
    links = list(_of_header(answer.link))
    if answer.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        links += _of_json(answer)
    else:
        elements = head.elements(answer)
        links += _of_elements(elements)
    hub, topic = _first(answer, links, "hub"), _first(answer, links, "self")
    return Hints(
        _ttl(elements),
        timedelta(seconds=answer.fresh_for),
        _proper((_hour(each.text) for each in elements if each.name == "hour"), _HOURS),
        _proper((_day(each.text) for each in elements if each.name == "day"), len(_DAYS)),
        _period(elements),
        hub,
        # WebSub, 4: a topic must name itself. Some that have a hub forget to.
        (topic or absolute("", answer.url)) if hub else "",
    )


def of_server(answer: Page) -> Hints:
    """Give what the server says of any document."""
    return Hints(fresh_for=timedelta(seconds=answer.fresh_for))


def _ttl(elements: Iterable[Element]) -> timedelta:
    minutes = next((_number(each.text) for each in elements if each.name == "ttl"), 0)
    return _bounded(timedelta(minutes=minutes)) if minutes else _NOTHING


def _period(elements: Iterable[Element]) -> timedelta:
    said = {each.name: each.text for each in elements if each.name in {"updateperiod", "updatefrequency"}}
    if not said:
        return _NOTHING
    period = _PERIODS.get(said.get("updateperiod", "daily").lower())
    frequency = _number(said.get("updatefrequency", "1"))
    return _bounded(period / frequency) if period is not None and frequency else _NOTHING


def _bounded(ttl: timedelta) -> timedelta:
    return min(max(ttl, SHORTEST), LONGEST)


def _number(text: str) -> int:
    found = _NUMBER.fullmatch(text.strip())
    return int(found[0]) if found is not None else 0


def _hour(text: str) -> int | None:
    # RSS 0.91 counted to 24, which is midnight.
    found = _NUMBER.fullmatch(text.strip())
    return int(found[0]) % _HOURS if found is not None and int(found[0]) <= _HOURS else None


def _day(text: str) -> int | None:
    name = text.strip().lower()
    return _DAYS.index(name) if name in _DAYS else None


def _proper(values: Iterable[int | None], all_of_them: int) -> frozenset[int]:
    """Leave out what is no value; a feed that is never to be read means something else, or harm."""
    found = frozenset(value for value in values if value is not None)
    return frozenset() if len(found) == all_of_them else found


def _of_header(header: str) -> Iterator[tuple[str, str]]:
    """Read the relations and addresses of a Link header, RFC 8288, 3."""
    for address, parameters in _LINK.findall(header[:_LONGEST_HEADER]):
        rel = _REL.search(parameters)
        for name in (rel[1] or rel[2] or "").lower().split() if rel is not None else ():
            yield name, address


def _of_elements(elements: Iterable[Element]) -> Iterator[tuple[str, str]]:
    for each in elements:
        if each.name == "link":
            for name in each.attributes.get("rel", "").lower().split():
                yield name, each.attributes.get("href", "")


def _of_json(page: Page) -> Iterator[tuple[str, str]]:
    """Read the hubs of a JSON Feed, https://www.jsonfeed.org/version/1.1/, "Subscribing to Real-time Notifications"."""
    members = head.members(page)
    hubs = members.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and str(hub.get("type")).lower() == "websub":
            yield "hub", str(hub.get("url") or "")
    yield "self", str(members.get("feed_url") or "")


def _first(page: Page, links: Iterable[tuple[str, str]], name: str) -> str:
    """Give the first usable address of a relation; header fields stand before the document's (WebSub, 4)."""
    addresses = (absolute(page.url, address) for rel, address in links if rel == name)
    return next((each for each in addresses if 0 < len(each) <= _LONGEST_ADDRESS), "")
