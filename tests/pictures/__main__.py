"""Hold the conversations and draw them into docs/: `.venv/bin/python -m tests.pictures`, a word behind it draws some.

The bot's own code answers and delivers, on an emulated Telegram, with invented news and a clock that the scene turns.
The drawings are of the emulator's record, so that the same words make the same files.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.pictures.conversations.catalogue import CONVERSATIONS

DOCS = Path(__file__).parents[2] / "docs"


async def main(word: str = "") -> None:
    """Draw, one after the other."""
    for conversation in CONVERSATIONS:
        if word in conversation.file:
            picture = await conversation.drawn()
            (DOCS / conversation.file).write_text(picture, "utf-8")
            print(conversation.file)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
