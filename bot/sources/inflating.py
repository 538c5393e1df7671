"""Decompress answers piece by piece, so that a bomb stops at the limit and not after it filled the memory."""

from __future__ import annotations

import zlib

from bot.languages import sentence
from bot.sources.reasons import Refused


class TooLarge(Refused):
    """There is more than was to be read."""


class Inflate:
    """One answer's body: feed it what comes, and end it."""

    def __init__(self, encoding: str, largest: int) -> None:
        """Take the Content-Encoding and the limit in bytes. Raises Refused where that is not what was asked for."""
        self._body = bytearray()
        self._largest = largest
        self._encoding = encoding.strip().lower()
        self._stream: zlib._Decompress | None = None
        if self._encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
            raise Refused(sentence("{address} answers in a compression that was not asked for; tell its publisher"))

    def feed(self, chunk: bytes) -> None:
        """Take a piece as it was sent. Raises Refused where it is damaged, or all together is too much."""
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
            raise Refused(sentence("{address} sent damaged data; try it later")) from error

    @property
    def beginning(self) -> bytes:
        """What there is so far, within the limit."""
        return bytes(self._body[: self._largest])

    def end(self) -> bytes:
        """Give the whole body. Raises Refused where its end is missing."""
        if self._stream is not None:
            raise Refused(sentence("{address} broke off its answer; try it later"))
        return bytes(self._body)

    def _window(self, start: bytes) -> int:
        if self._encoding != "deflate":
            return zlib.MAX_WBITS | 16
        # "deflate" means zlib's format, but some servers send it bare.
        return zlib.MAX_WBITS if start[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS

    def _keep(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > self._largest:
            raise TooLarge(
                sentence("{address} is larger than {bytes:,} bytes; check that it is a feed or a page"),
                bytes=self._largest,
            )
