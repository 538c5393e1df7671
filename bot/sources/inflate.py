"""Bodies decompressed as they come, within a bound."""

from __future__ import annotations

import zlib


class Refused(Exception):  # noqa: N818 - a step's way out of a fetch, which makes a value of it
    """The answer may not be read on; the message is the reason."""


class Inflate:
    """Decompress piece by piece, so that a bomb stops at the limit and not after it filled the memory."""

    def __init__(self, encoding: str, largest: int) -> None:
        self._body = bytearray()
        self._largest = largest
        self._encoding = encoding.strip().lower()
        self._stream: zlib._Decompress | None = None
        if self._encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise Refused("answers in a compression that was not asked for; tell its publisher")

    def feed(self, chunk: bytes) -> None:
        """Take a piece of the body. Raises Refused."""
        if self._encoding in {"", "identity"}:
            self._keep(chunk)
            return
        try:
            while chunk:
                if self._stream is None:
                    self._stream = zlib.decompressobj(self._window(chunk))
                room = self._largest - len(self._body) + 1
                self._keep(self._stream.decompress(chunk, room))
                chunk = self._stream.unconsumed_tail or self._stream.unused_data
                # A gzip stream may have several members.
                if self._stream.eof:
                    self._stream = None
                    chunk = chunk if chunk[:2] == b"\x1f\x8b" else b""
        except zlib.error as error:
            raise Refused("sent damaged data; try it later") from error

    def end(self) -> bytes:
        """Give the whole body. Raises Refused."""
        if self._stream is not None:
            raise Refused("broke off its answer; try it later")
        return bytes(self._body)

    def _window(self, start: bytes) -> int:
        if self._encoding != "deflate":
            return zlib.MAX_WBITS | 16
        # "deflate" means zlib's format, but some servers send it bare.
        return zlib.MAX_WBITS if start[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS

    def _keep(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > self._largest:
            raise Refused(f"is larger than {self._largest:,} bytes; check that it is a feed or a page")
