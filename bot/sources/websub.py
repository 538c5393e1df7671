"""WebSub, the subscriber's side: what is asked of a hub, and whether what comes is the hub's (w3.org/TR/websub)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

# What is asked for; a hub may grant another time (section 5.1).
LEASE = timedelta(days=7)
# Section 7.1. SHA-1 is among them because hubs of blogs still sign with it; broken for collisions, not for HMAC.
_METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


def subscription(topic: str, callback: str, secret: str) -> dict[str, str]:
    """Write the form that asks a hub to tell of a topic (section 5.1)."""
    return {
        "hub.mode": "subscribe",
        "hub.topic": topic,
        "hub.callback": callback,
        "hub.secret": secret,
        "hub.lease_seconds": str(int(LEASE.total_seconds())),
    }


def is_signed(secret: str, body: bytes, signature: str) -> bool:
    """Tell whether a body carries the signature that only its hub can have made (X-Hub-Signature, section 7.1)."""
    method, _, digest = signature.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    expected = hmac.new(secret.encode(), body, _METHODS[method.lower()]).hexdigest()
    return hmac.compare_digest(expected.encode(), digest.strip().lower().encode("ascii", "replace"))


def is_fit(hub: str, source_url: str) -> bool:
    """Tell whether a hub may be asked: what the source says over https must not go over http."""
    return hub.startswith("https://") or (hub.startswith("http://") and source_url.startswith("http://"))
