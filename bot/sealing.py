"""Seal tokens, so that whoever has the database, or a backup of it, has none of them."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SealError(Exception):
    """None of the keys opens what was sealed."""


class Seal:
    """Seals with the first of several keys, and opens what any of them has sealed."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Each key is 32 bytes in URL-safe base64."""
        self._newest = Fernet(keys[0])
        self._all = MultiFernet([Fernet(key) for key in keys])

    def __repr__(self) -> str:
        return "Seal(…)"

    def close(self, secret: str) -> str:
        """Seal a secret."""
        return self._newest.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Open what was sealed. Raises SealError."""
        try:
            return self._all.decrypt(sealed).decode()
        except InvalidToken:
            raise SealError("no key of PHIWIRE_SLACK_KEY opens it") from None

    def renew(self, sealed: str) -> str:
        """Seal with the newest key what an older one has sealed. Raises SealError."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return self.close(self.open(sealed))
        return sealed
