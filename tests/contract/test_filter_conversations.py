"""Filters in conversation: found out before they are saved, explained afterwards, taken back, carried elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.commands.filtering import MOST_FILTERS
from bot.db import Database
from bot.filters import store as filters
from bot.model import Item
from bot.outbox import store as outbox
from bot.outbox.policy import Settle
from tests.contract.conversations import (
    NOW,
    OTHER,
    Say,
    no,
    publish,
    publish_items,
    put_on_the_wire,
)


def story(headline: str, *, days: float = 0, author: str = "", url: str = "") -> Item:
    """Write an entry that is so many days old."""
    key = f"{headline} {days} {author} {url}"
    return Item(key, "wire", headline, author=author, url=url, published_at=NOW - timedelta(days=days))


async def test_preview_counts_by_day(say: Say, database: Database) -> None:
    """Nobody should have to guess how much a filter brings, and when."""
    await put_on_the_wire(database, [story("Ferry vote", days=days) for days in (0, 1, 1.2, 5, 12, 29, 45)], OTHER)
    answer = await say("preview ferry")
    assert "ferry would have matched 6 entries in the last 30 days, 4 of them in the last 7" in answer
    assert "Thu 26: 0 · Fri 27: 1 · Sat 28: 0 · Sun 1: 0 · Mon 2: 0 · Tue 3: 2 · Wed 4: 1" in answer
    assert "█▄ a day, 2 at the most" in answer
    assert answer.count("• ") == 5


async def test_preview_shows_days_of_the_channels_own_zone(say: Say, database: Database) -> None:
    """What was published after midnight in London is of that day there, whatever UTC says."""
    summer = timedelta(days=200)
    late = Item("late", "wire", "Ferry vote at night", published_at=NOW - summer)
    await put_on_the_wire(database, [late], OTHER)
    assert "would have matched nothing in the last 30 days" in await say("preview ferry")


async def test_wire_that_is_young_says_so(say: Say) -> None:
    """Two entries of an hour are no quiet month."""
    assert "(this wire reaches back 1 day)" in await say("preview harbour")


async def test_filter_that_brings_too_much_is_told_how_to_bring_less(say: Say, database: Database) -> None:
    """Whoever gets a hundred messages a day stops reading them."""
    many = [story(f"Harbour vote {n}") for n in range(40)]
    quiet = [Item(f"q{n}", "wire", f"Story {n}", summary="About a harbour", published_at=NOW) for n in range(40)]
    await put_on_the_wire(database, [*many, *quiet], OTHER)
    for typed in ("preview harbour", "subscribe harbour"):
        answer = await say(typed)
        assert "That is about 110 a day." in answer
        assert "headline:harbour brings about 70 a day" in answer
        assert "harbour -source:other brings about 30 a day" in answer
    assert "a day" not in await say("subscribe harbour 07")


@pytest.mark.parametrize(
    ("typed", "remark"),
    [
        ("subscribe harbour or ferry", "as an operator it is written OR"),
        ("preview harbour, ferry", "A comma means nothing here"),
    ],
)
async def test_what_may_be_meant_otherwise_is_said(typed: str, remark: str, say: Say) -> None:
    """A query can be right and not what was meant."""
    assert remark in await say(typed)


async def test_list_counts_what_each_filter_brought(say: Say, database: Database) -> None:
    """A filter that brings nothing is misspelt, or not needed."""
    await say("subscribe ferry")
    await say("mute harbour")
    await publish(database, "Ferry vote survives", "Ferry vote in the harbour", "Pier opens")
    listed = await say("filters")
    assert "1. subscribe ferry (by Ada) — 1 in the last 7 days" in listed
    assert "2. mute harbour (by Ada) — 31 in the last 7 days" in listed


async def test_dead_filter_is_marked(say: Say, database: Database) -> None:
    """Thirty days without a hit, for a filter that old."""
    channel = await _channel(say, database)
    long_ago = NOW - timedelta(days=31)
    await database.write(filters.add, channel, "match", "harbuor", "Bea", long_ago)
    await database.write(filters.add, channel, "match", "pier", "Bea", NOW - timedelta(days=29))
    listed = await say("filters")
    assert "1. subscribe harbuor (by Bea) — ⚠ nothing in 30 days" in listed
    assert "2. subscribe pier (by Bea) — 0 in the last 7 days" in listed


async def _channel(say: Say, database: Database) -> int:
    await say("filters")
    number: int = await database.read(lambda connection: connection.execute("SELECT id FROM channels").fetchone()[0])
    return number


async def test_surname_offers_those_who_have_been_seen(say: Say, database: Database) -> None:
    """There may be several of a name, and only the reader knows who is meant."""
    seen = [story(f"Tide {n}", author="By Marta Quill MP") for n in range(3)]
    seen += [story(f"Ebb {n}", author="Owen Quill and Priya Ashdown") for n in range(2)]
    await put_on_the_wire(database, [*seen, story("Flood", author="MARTA QUILL")], OTHER)
    answer = await say("follow quill")
    assert "follow Marta Quill — 4 entries in a year" in answer
    assert "follow Owen Quill — 2 entries in a year" in answer
    assert "No filters yet" in await say("filters")
    assert "Following Marta Quill." in await say("follow marta quill")
    assert "Following Priya Ashdown." in await say("follow ashdown")
    assert "Following quill." in await say("follow “quill”")
    assert "as it was already" in await say('follow "Quill"')


async def test_name_that_nobody_has_is_followed_all_the_same(say: Say) -> None:
    """They may write tomorrow; but it may be a slip, too."""
    answer = await say("follow Owen Tarrant")
    assert "Following Owen Tarrant." in answer
    assert "Nobody of that name has been seen" in answer


async def test_aliases_are_the_same_author(say: Say, database: Database) -> None:
    """The operator's file says who is meant by three letters."""
    assert "Following BHM." in await say("follow BHM")
    await publish_items(database, story("Pier opens", author="Bronwen Hale-Moss MP"))
    assert "would have matched 1 entry" in await say("preview author:bhm")


async def test_why_says_words_places_person_and_time(say: Say, database: Database) -> None:
    """Every message can be traced to somebody's wish."""
    await say('subscribe "ferry vote" OR pier')
    await say("follow Marta Quill")
    item = Item("k", "wire", "Pier waits", author="Marta Quill", body="A ferry vote.\n\nThe pier, too.")
    await publish_items(database, item)
    (delivery,) = await database.write(outbox.claim, "telegram", NOW, 9)
    await database.write(outbox.settle, delivery, Settle("sent", message_ref="99"), NOW)
    answer = await say("why", replied_to="99")
    assert (
        '• subscribe "ferry vote" OR pier found "ferry vote" in body, pier in headline and body; added by Ada at 12:00'
        in answer
    )
    assert '• follow Marta Quill found author:"marta quill" in author; added by Ada at 12:00' in answer


async def test_why_still_knows_a_filter_that_is_gone(say: Say, database: Database) -> None:
    """Messages outlive filters."""
    await say("subscribe ferry")
    await publish(database, "Ferry vote")
    (delivery,) = await database.write(outbox.claim, "telegram", NOW, 9)
    await database.write(outbox.settle, delivery, Settle("sent", message_ref="99"), NOW)
    await say("unsubscribe ferry")
    assert "subscribe ferry found ferry in headline" in await say("why", replied_to="99")


async def test_why_not_names_what_kept_an_entry_out(say: Say, database: Database) -> None:
    """The nearest filter first: what it lacked, and what it leaves out."""
    await say("subscribe ferry levy")
    await say('subscribe "night boat" harbour lights')
    await say("follow Priya Ashdown")
    await say("subscribe vote -ferry")
    await publish(database, "Ferry vote survives")
    answer = await say("why not ferry vote")
    assert "Ferry vote survives" in answer
    assert "• subscribe ferry levy did not find levy" in answer
    assert "• subscribe vote -ferry leaves out ferry" in answer
    assert '• subscribe "night boat" harbour lights did not find "night boat", harbour, lights' in answer
    assert "• follow Priya Ashdown: not among its authors" in answer
    assert answer.index("ferry levy") < answer.index("night boat")


async def test_why_not_names_the_mute(say: Say, database: Database) -> None:
    """One mute outweighs every filter, and is easily forgotten."""
    await say("subscribe ferry")
    await say("mute vote")
    await publish_items(database, story("Ferry vote", url="https://example.org/a/1?utm_source=x"))
    for asked in ("why not https://example.org/a/1", "why not <http://example.org/a/1/#top>", "why not ferry"):
        answer = await say(asked)
        assert "mute vote kept it out; added by Ada" in answer
        assert "subscribe" not in answer


async def test_why_not_knows_what_came_and_what_was_too_early(say: Say, database: Database) -> None:
    """The other answers: it did come; it was there before; the filter is younger; there is no such entry."""
    assert "read for the first time, at 12:00: what is old is not sent" in await say("why not harbour story 07")
    await publish(database, "Pier opens")
    assert "This channel has no filters" in await say("why not pier")
    await say("mute football")
    assert "This channel only mutes" in await say("why not pier")
    await say("subscribe ferry")
    await publish(database, "Ferry vote")
    assert "waiting to be sent" in await say("why not ferry")
    await say("pause")
    assert "waits, for this channel is paused: /resume lets it through" in await say("why not ferry")
    await say("resume")
    assert "There is no entry on this wire with lighthouse" in await say("why not lighthouse")
    assert "needs something after it" in await say("why not")


async def test_undo_takes_back_one_change_after_the_other(say: Say) -> None:
    """A slip costs one word."""
    await say("subscribe ferry")
    await say("mute football")
    await say("unsubscribe 1")
    answer = await say("undo")
    assert "Took back what Ada did at 12:00:" in answer
    assert "subscribe ferry is back" in answer
    assert "mute football is removed again" in await say("undo")
    assert "subscribe ferry is removed again" in await say("undo")
    assert "no change of filters here to take back" in await say("undo")


async def test_only_who_may_takes_back_and_imports(say: Say) -> None:
    """They change filters like any other command."""
    await say("subscribe ferry")
    assert "Only an administrator" in await say("undo", no)
    assert "Only an administrator" in await say("import\nsubscribe pier", no)
    assert "subscribe ferry" in await say("export", no)


FILTERS = ("follow Marta Quill", 'subscribe ("net zero" OR pens*) -author:ashdown', "mute football")


async def test_exported_lines_are_imported_as_they_are(say: Say) -> None:
    """What one channel has, another can have."""
    for typed in FILTERS:
        await say(typed)
    await say("mute harbour 2h")
    exported = await say("export")
    lines = [line for line in exported.splitlines() if line.split(" ")[0] in {"follow", "subscribe", "mute"}]
    assert lines == [*FILTERS, "mute harbour until 2026-03-04 14:00"]
    for number in range(4, 0, -1):
        await say(f"unsubscribe {number}")
    assert "4 filters added. /undo takes it back." in await say("import\n" + "\n".join(lines))
    assert (await say("export")) == exported
    assert "0 filters added, 4 there already. Nothing was changed." in await say("import " + "; ".join(lines))
    # One import is one change.
    await say("undo")
    assert "No filters yet" in await say("filters")


async def test_import_can_make_its_lines_the_only_ones(say: Say) -> None:
    """Edited text says what is wanted, not what is to be added."""
    await say("subscribe ferry")
    await say("subscribe pier")
    answer = await say("import\n# ours\n\n• /subscribe pier\n`subscribe tide`")
    assert "1 filter added, 1 there already" in answer
    assert "1 other filter stayed" in answer
    assert "0 filters added, 2 there already, 1 removed" in await say("import replace\nsubscribe pier\nsubscribe tide")
    assert "ferry" not in await say("export")
    await say("undo")
    assert "subscribe ferry" in await say("export")


@pytest.mark.parametrize(
    ("lines", "part"),
    [
        ("subscribe ferry\nsubscribe (pier", "Line 2 cannot be read:"),
        ("subscribe ferry\nsubscribe (pier", "add ) here"),
        ("subscribe ferry\npier", "Line 2 is no filter: pier"),
        ("mute ferry until 2026-13-40 12:00", "Line 1 is no filter"),
        ("follow ???", "Line 1 cannot be read"),
        ("mute golf 2h", "Lines name the moment, as in"),
        ("\n".join(f"subscribe w{n}" for n in range(MOST_FILTERS + 1)), "the most"),
        ("", "reads filters, one a line"),
        ("# only a remark", "reads filters, one a line"),
    ],
)
async def test_import_takes_all_lines_or_none(lines: str, part: str, say: Say) -> None:
    """Half an import is worse than none."""
    assert part in await say(f"import\n{lines}")
    assert "No filters yet" in await say("filters")


async def test_long_exports_come_in_pages(say: Say) -> None:
    """Platforms cut what is long; a cut filter is a wrong one."""
    long = "\n".join(f'subscribe "{"abcdefghi " * 9}" number{n:03d}' for n in range(60))
    await say(f"import\n{long}")
    pages = [await say("export"), await say("export 2"), await say("export 3")]
    assert "export 2" in pages[0]
    assert all(sum(f"number{n:03d}" in page for page in pages) == 1 for n in range(60))
    assert "There is no page 9" in await say("export 9")


async def test_import_says_what_it_changed(say: Say) -> None:
    """An old export has mutes that are over, and others whose end has moved since."""
    await say("mute rugby")
    await say("mute golf 2h")
    answer = await say(
        "import\nmute rugby until 2026-03-05 10:00\nmute golf until 2020-01-01 10:00\nmute chess until 2020-01-01 10:00"
    )
    assert (
        "0 filters added, 1 with a new end, 1 there already, 1 left out, as it is over. /undo takes it back." in answer
    )
    listed = await say("filters")
    assert "mute rugby (by Ada, until Thu 5 Mar 10:00)" in listed
    assert "mute golf (by Ada, until 14:00)" in listed
    assert "chess" not in listed


async def test_import_of_what_is_there_offers_no_undo(say: Say) -> None:
    """It would take back something else."""
    await say("import\nsubscribe ferry")
    assert "there already. Nothing was changed." in await say("import\nsubscribe ferry")


async def test_undo_of_a_long_import_shows_some(say: Say) -> None:
    """Two hundred lines are no answer."""
    await say("import\n" + "\n".join(f"subscribe word{n}" for n in range(90)))
    answer = await say("undo")
    assert answer.count("is removed again") == 8
    assert "and 82 more" in answer


async def test_mute_understands_how_people_say_how_long(say: Say) -> None:
    """A mute for two hours that lasts for ever, of words that nobody writes, is two mistakes."""
    assert "Muted football until 14:00." in await say("mute football for 2 hours")
    assert "needs something after it" in await say("mute 2h")


async def test_preview_and_subscribe_warn_alike(say: Say, database: Database) -> None:
    """A quiet month does not make a loud week quieter, and a week is the same week in both."""
    await put_on_the_wire(database, [story(f"Pier {n}", days=n / 40) for n in range(1, 250)], OTHER)
    await put_on_the_wire(database, [story("Long ago", days=60)], OTHER)
    previewed, subscribed = await say("preview pier"), await say("subscribe pier")
    for answer in (previewed, subscribed):
        assert "That is about 36 a day." in answer
    assert "249 of them in the last 7" in previewed
    assert "In the last 7 days 249 entries" in subscribed


async def test_why_of_a_message_that_is_none_of_ours_says_so(say: Say, database: Database) -> None:
    """The newest message is not meant when a link is given."""
    await say("subscribe ferry")
    await publish(database, "Ferry vote")
    (delivery,) = await database.write(outbox.claim, "telegram", NOW, 9)
    await database.write(outbox.settle, delivery, Settle("sent", message_ref="99"), NOW)
    assert "Reply to one of my news messages" in await say("why https://example.slack.com/archives/C1/p1")
    assert "subscribe ferry" in await say("why")


async def test_a_filter_is_urgent_by_an_exclamation_mark(say: Say) -> None:
    """In the list, in the export, and for whoever imports it."""
    assert "It is urgent" in await say("subscribe! division bell")
    assert "1. subscribe! division bell" in await say("filters")
    assert "subscribe! division bell" in await say("export")
    assert "Removed: subscribe! division bell" in await say("unsubscribe 1")
    await say("import subscribe! division bell")
    assert "1. subscribe! division bell" in await say("filters")


async def test_urgency_comes_and_goes(say: Say) -> None:
    """By the number in the list; undo takes it back."""
    await say("subscribe ferry")
    await say("mute fog")
    assert "is urgent" in await say("urgent 1")
    assert "1. subscribe! ferry" in await say("filters")
    assert "• subscribe ferry is not urgent any more" in await say("undo")
    assert "1. subscribe ferry" in await say("filters")
    await say("subscribe! ferry")
    assert "1. subscribe! ferry" in await say("filters")
    assert "and not urgent" in await say("urgent 1 off")
    assert "1. subscribe ferry" in await say("filters")
    for nonsense in ("urgent", "urgent 9", "urgent 2", "urgent off"):
        assert "Nothing was changed" in await say(nonsense)


async def test_a_filter_is_silent_until_it_is_not(say: Say) -> None:
    """By the number in the list, which shows it; undo takes it back."""
    await say("subscribe ferry")
    await say("mute fog")
    assert "Only an administrator" in await say("silent 1", no)
    assert "comes without a sound" in await say("silent 1")
    assert "1. subscribe ferry (by Ada, silent)" in await say("filters")
    assert "• subscribe ferry is not silent any more" in await say("undo")
    assert "1. subscribe ferry (by Ada)" in await say("filters")
    await say("silent ferry")
    assert "and not silent" in await say("silent 1 off")
    assert "1. subscribe ferry (by Ada)" in await say("filters")
    for nonsense in ("silent", "silent 9", "silent 2", "silent off"):
        assert "Nothing was changed" in await say(nonsense)


async def test_urgent_takes_rights(say: Say) -> None:
    """It changes what everybody in the channel gets."""
    await say("subscribe ferry")
    assert "1. subscribe ferry" in await say("filters")
    await say("urgent 1", no)
    await say("corrections off", no)
    await say("subscribe! quay", no)
    assert "subscribe ferry" in await say("filters")
    assert "edited" in await say("corrections")


async def test_corrections_are_a_channels_choice(say: Say) -> None:
    """On, unless somebody says off."""
    assert "are edited when" in await say("corrections")
    assert "stay as they were sent" in await say("corrections off")
    assert "stay as they were sent" in await say("corrections")
    assert "are edited when" in await say("corrections ON")
    assert "corrections off" in await say("corrections perhaps")
