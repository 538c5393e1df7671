"""What a message says about an entry, before any platform's markup."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import text
from bot.model import Delivery, Reason

HEADLINE = 300
LEDE = 400
REST = 1800
NAME = 120
WHY = 300
# Slack refuses longer ones in blocks (docs.slack.dev/reference/block-kit).
LONGEST_ADDRESS = 2000


@dataclass(frozen=True, slots=True)
class Story:
    """The parts of a message, plain and cut to lengths that together fit every platform. `rest` follows `lede`."""

    headline: str
    url: str
    by: str
    source: str
    time: str
    icon: str
    lede: str
    rest: str
    why: str


def tell(delivery: Delivery, now: datetime) -> Story:
    """Tell a delivery's story in its channel's time zone."""
    entry = delivery.entry
    paragraphs = [paragraph for paragraph in map(text.clean, (entry.body or entry.summary).split("\n\n")) if paragraph]
    if entry.kind == "wire":
        paragraphs = []  # as on the PhiWire: author, headline, source, time
    names = (entry.organisation, entry.author) if entry.kind == "release" else (entry.author, entry.organisation)
    return Story(
        headline=text.shorten(text.clean(entry.headline), HEADLINE) or "(no headline)",
        url=_link(entry.url, "https://", "http://"),
        by=text.shorten(text.clean(next(filter(None, names), "")), NAME),
        source=text.shorten(text.clean(entry.source_name), NAME),
        time=_time(entry.published_at or entry.first_seen_at, delivery.channel.timezone, now),
        icon=_link(entry.icon, "https://"),
        lede=text.shorten(paragraphs[0], LEDE) if paragraphs else "",
        rest=text.shorten("\n\n".join(paragraphs[1:]), REST),
        why=why(delivery.reasons),
    )


def _link(address: str, *schemes: str) -> str:
    """Let only addresses through that every platform takes for one."""
    fits = address.startswith(schemes) and address.isprintable() and not set(address) & set(' "<>')
    return address if fits and len(address) <= LONGEST_ADDRESS else ""


def why(reasons: Iterable[Reason]) -> str:
    """Say briefly which filters brought the entry: "follow Isabel Hardman · nhs -football"."""
    shown = (f"follow {reason.query}" if reason.kind == "follow" else reason.query for reason in reasons)
    return text.shorten(text.clean(" · ".join(shown)), WHY)


def _time(when: datetime, timezone: str, now: datetime) -> str:
    zone = ZoneInfo(timezone)
    local = when.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return f"{local:%H:%M}"
    return f"{local.day} {local:%b %Y %H:%M}"
