"""What an answer's header says about time: how long it stays fresh, and when to ask again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST_WAIT = 7 * 86_400.0
# More than anybody means, and a number that every clock can be added to.
_LONGEST_FRESH = 999_999_999.0
_MAX_AGE = re.compile(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE | re.ASCII)


def fresh_for(header: Mapping[str, str], now: datetime) -> float:
    """Read for how many seconds an answer stays fresh: RFC 9111, 4.2; what a cache on the way has used up is over.

    Names of `header` are asked for in lower case.
    """
    control = header.get("cache-control", "")
    if "no-cache" in control.lower() or "no-store" in control.lower():
        return 0.0
    found, age = _MAX_AGE.search(control), header.get("age", "").strip()
    fresh = float(found[1]) if found else _until_expiry(header, now)
    used = int(age[:9]) if age.isascii() and age.isdigit() else 0
    return max(0.0, fresh - used)


def _until_expiry(header: Mapping[str, str], now: datetime) -> float:
    """Read Expires against the server's own clock: RFC 9111, 5.3. What is no date, such as 0, has expired."""
    expires = _moment(header.get("expires", ""))
    if expires is None:
        return 0.0
    sent = _moment(header.get("date", "")) or now
    return min((expires - sent).total_seconds(), _LONGEST_FRESH)


def says_how_fresh(header: Mapping[str, str]) -> bool:
    """Tell whether an answer says anything about it; where a 304 does not, what was said before holds."""
    return "cache-control" in header or "expires" in header


def retry_after(header: Mapping[str, str], now: datetime) -> float | None:
    """Read Retry-After, in seconds or as a date: RFC 9110, 10.2.3. None where it is not there."""
    value = header.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:10]), _LONGEST_WAIT)
    moment = _moment(value)
    return None if moment is None else min(max((moment - now).total_seconds(), 0.0), _LONGEST_WAIT)


def _moment(written: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
