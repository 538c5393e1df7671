"""What has come from Slack already, for it sends again what it did not hear to be acknowledged."""

from __future__ import annotations

from collections import deque

# Far more than come within the minutes in which Slack tries again.
REMEMBERED = 1000


class Seen:
    """Remembers signs of what has come: a trigger_id, an event_id. What another workspace sends is never the same."""

    def __init__(self) -> None:
        self._signs: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)

    def has(self, address: str, sign: str) -> bool:
        """Tell whether this has come before, from a conversation by its address, and remember that it has."""
        if (address, sign) in self._signs:
            return True
        self._signs.append((address, sign))
        return False
