"""Invented news for the pictures: nobody here exists."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.demo.news import FERRY_RELEASE, FERRY_ROW
from bot.model import Item
from bot.sources.documents import Page
from bot.sources.release import read_release
from tests.emulators import pages
from tests.pictures.newsroom import RELEASES, Newsroom

LEVY = "Harbour levy: the vote is on Tuesday"
FERRY = FERRY_ROW.headline
MANY = (
    "Ferry vote: the division list in full",
    "Islands’ members cross the floor for the ferry",
    "Minister hails ferry result as a lifeline",
    "What the ferry vote means for the levy",
    "Ferry operators’ shares rise at the opening",
    "Opposition calls the ferry subsidy a bung",
    "Unions welcome ferry vote, and want more",
    "The quiet backbencher who saved the ferry",
    "Ferry subsidy: five charts",
    "Treasury says ferry money is found",
    "Ferry row splits the coastal group",
    "How the whips lost count of the ferry vote",
)


# Who sits in an assembly of a hundred and eighty.
FIRST_NAMES = (
    "Ailsa",
    "Bram",
    "Cerys",
    "Dougal",
    "Edda",
    "Fergus",
    "Gwen",
    "Hamish",
    "Iona",
    "Jory",
    "Kenna",
    "Lorcan",
)
SURNAMES = (
    "Ardley", "Brannock", "Carrick", "Dunmore", "Elswick", "Farrow", "Garvie", "Hallam", "Innes", "Jessop", "Kerrow",
    "Lomax", "Merrin", "Norwell", "Orrin",
)  # fmt: skip


def row(author: str, headline: str, at: datetime) -> Item:
    """Write a row of the wire."""
    path = "-".join(headline.lower().split()[:4])
    return Item(headline, "wire", headline, url=f"https://wire.example/{path}", author=author, published_at=at)


def minute_ago(scene: Newsroom, author: str, headline: str) -> Item:
    """Write what was published a minute ago."""
    return row(author, headline, scene.now - timedelta(minutes=1))


def release(scene: Newsroom) -> Item:
    """Write a press release, and have the bot read its page."""
    told = FERRY_RELEASE
    said = (
        pages.Said(told.office, told.speaker, told.quotation),
        pages.Said(
            "Chair, Isles Ferry Users", "Torquil Brae", "We counted the winters. This one we shall not have to."
        ),
    )
    page = pages.press_release_page(
        pages.Release(told.organisation, told.title, "/night-ferry", told.paragraphs, said, told.topic, scene.now)
    )
    return read_release(Page(f"{RELEASES.url}/night-ferry", page.encode(), "text/html"), RELEASES, scene.now)
