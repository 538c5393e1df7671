"""Documents that a press release links to: files beside its text, such as a report as PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from bot.model import Attachment
from bot.sources.addresses import absolute, canonical
from bot.sources.markup import squash
from bot.sources.outline import Segment

_FILE = re.compile(r"/([^/]+\.(?:pdf|od[tsp]|docx?|xlsx?|pptx?|csv|rtf|epub))$", re.IGNORECASE)
# Some servers give a page to look at the file's beginning below the file's own address.
_PREVIEW = re.compile(r"/preview/?$")


def find(parts: Iterable[Segment], base: str) -> tuple[Attachment, ...]:
    """List the files that are linked to, each once, by the text of its longest link, else by the file's name."""
    found: dict[str, Attachment] = {}
    for part in parts:
        for href in dict.fromkeys(piece.href for piece in part.pieces if piece.href):
            url = absolute(base, href)
            file = file_name(url)
            if not file:
                continue
            title = squash("".join(piece.text for piece in part.pieces if piece.href == href and piece.kind == "text"))
            known = found.get(canonical(url))
            if known is None or (len(title) > len(known.title) or known.title == file):
                found[canonical(url)] = Attachment(title or file, known.url if known is not None else url)
    return tuple(found.values())


def file_name(url: str) -> str:
    """Give the name of the file at an address, "" where it is none that people open beside a text."""
    try:
        file = _FILE.search(unquote(_PREVIEW.sub("", urlsplit(url).path)))
    except ValueError:
        return ""
    return squash(file[1]) if file is not None else ""
