"""Decide when to look again."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST_BACKOFF = timedelta(hours=1)
# Often it is our own network that fails: a source that is looked at often must not stay unseen for long after.
MOST_INTERVALS = 8
# A server that asks for a pause is believed, but not for ever.
LONGEST_ASKED_PAUSE = timedelta(days=1)


def next_poll(
    now: datetime, every: timedelta, *, failures: int = 0, retry_after: float | None = None, jitter: float = 0.5
) -> datetime:
    """Say when the next poll is due: after `every`, doubled with each failure in a row up to eightfold.

    Never before what was asked.

    Args:
        now: when this poll ended.
        every: the source's own interval or the default one.
        failures: failed polls in a row, this one included.
        retry_after: seconds that the server asked for.
        jitter: 0..1, spreads sources that failed together over a tenth of the pause.
    """
    pause = every
    if failures:
        longest = min(every * MOST_INTERVALS, LONGEST_BACKOFF)
        pause = max(every, min(every * 2 ** min(failures, 16), longest))
        pause += pause * 0.1 * jitter
    if retry_after is not None:
        pause = max(pause, min(timedelta(seconds=retry_after), LONGEST_ASKED_PAUSE))
    return now + pause
