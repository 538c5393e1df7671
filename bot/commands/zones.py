"""Time zones as people name them."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import available_timezones

from bot.languages import sentence

# What is offered by buttons, which know them by their place: what is added goes to the end.
COMMON = (
    (sentence("London"), "Europe/London"),
    (sentence("Dublin"), "Europe/Dublin"),
    (sentence("Brussels"), "Europe/Brussels"),
    (sentence("Berlin"), "Europe/Berlin"),
    (sentence("Kyiv"), "Europe/Kyiv"),
    (sentence("Washington"), "America/New_York"),
    (sentence("Los Angeles"), "America/Los_Angeles"),
    (sentence("Delhi"), "Asia/Kolkata"),
    (sentence("Sydney"), "Australia/Sydney"),
    ("UTC", "UTC"),
)
# Cities that have no zone of their own name.
_CITIES = {
    "Europe/London": "cardiff caerdydd swansea edinburgh glasgow birmingham manchester leeds aberystwyth",
    "America/New_York": "washington boston philadelphia",
    "America/Los_Angeles": "san_francisco seattle",
    "Asia/Kolkata": "delhi mumbai",
    "Europe/Berlin": "munich hamburg frankfurt strasbourg",
}


_REGIONS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


@dataclass(frozen=True, slots=True)
class Near:
    """A place that somebody may have meant: a city or a zone by its name, and the zone that it is in."""

    name: str
    zone: str


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """Give zones by their folded names, and by those of cities."""
    names = sorted(available_timezones())
    cities = {_folded(name.rpartition("/")[2]): name for name in names if name.startswith(_REGIONS)}
    others = {city: zone for zone, listed in _CITIES.items() for city in listed.split()}
    return cities | others | {_folded(name): name for name in names}


def find(said: str) -> str | None:
    """Find the zone that somebody names, by region and city or by the city alone."""
    known, folded = _known(), _folded(said)
    if folded in known:
        return known[folded]
    region, _, city = folded.rpartition("/")
    zone = known.get(city, "")
    return zone if zone.casefold().startswith(f"{region}/") else None


def nearest(said: str) -> Near | None:
    """Name the place that a word may have been meant as; None where none is near."""
    known = _known()
    found = difflib.get_close_matches(_folded(said), known, n=1, cutoff=0.7)
    if not found:
        return None
    zone = known[found[0]]
    for name in (zone, zone.rpartition("/")[2]):
        if _folded(name) == found[0]:
            return Near(name.replace("_", " "), zone)
    return Near(found[0].replace("_", " ").title(), zone)


def _folded(name: str) -> str:
    return "_".join(name.casefold().replace("_", " ").split())
