"""Templates in the chat: shown, tried, refused with the place, saved, and taken elsewhere."""

from __future__ import annotations

import pytest

from bot.db import Database
from bot.outbox import store as outbox
from bot.story import tell
from bot.telling import by_template
from tests.contract.conversations import NOW, Say, no, publish


async def test_template_is_tried_before_it_is_saved(say: Say, database: Database) -> None:
    """The answer shows what it makes of an entry and of a release; news looks like that from then on."""
    answer = await say("settings template {icon} *{headline}* – {author}, {time}\n\n{summary}\n{quotations}")
    assert answer.splitlines() == [
        "Messages look like this from now on; /settings template default ends it.",
        "",
        "An entry of the wire:",
        "📰 Ferry vote survives by two – Marta Quill, 12:00",
        "",
        "A press release:",
        "📣 New night ferries for the islands – Harbour Office, 12:00",
        "",
        "Four islands get a night ferry from May.",
        "Bronwen Moss, Harbour Minister: “Nobody on the islands has to stay awake for us.”",
    ]
    await say("follow Marta Quill")
    await publish(database, "Ferry sinks")
    (claimed,) = await database.write(outbox.claim, "telegram", NOW, 9)
    (line,) = by_template(tell(claimed, NOW), claimed.channel.template)
    assert "".join(span.text for span in line) == "📰 Ferry sinks – Marta Quill, 12:00"


async def test_template_with_a_mistake_is_refused_at_its_place(say: Say) -> None:
    """And what was there stays."""
    await say("settings template {headline} {time}")
    answer = await say("settings template {icon} {headlin} – {author}")
    assert answer.splitlines() == [
        "{icon} {headlin} – {author}",
        "        ^",
        "There is no field 'headlin': did you mean {headline}?",
        "Nothing was changed.",
    ]
    assert "• Template: {headline} {time} — /settings template" in (await say("settings")).splitlines()


async def test_template_is_for_those_who_may(say: Say) -> None:
    """As every setting."""
    assert "Only an administrator" in await say("settings template {headline}", no)
    assert "• Template: none" in await say("settings")


async def test_template_is_shown_with_what_makes_one(say: Say) -> None:
    """Nobody reads documentation first."""
    answer = await say("settings template")
    assert "look as they do without a template" in answer
    assert "• {author} — who wrote it, or whose release it is" in answer
    await say(r"settings template {headline}\n{time}")
    answer = await say("settings template")
    assert "follow this template:\n{headline}\n{time}\n" in answer
    assert "as they do without" in await say("settings template Default")
    assert "• Template: none" in await say("settings")


async def test_export_carries_the_template_and_what_is_silent(say: Say) -> None:
    """Whoever moves takes all of it along."""
    await say("subscribe ferry")
    await say("subscribe! pier")
    await say("silent 1")
    await say("settings template *{headline}*\n{time}")
    exported = await say("export")
    lines = ["silent subscribe ferry", "subscribe! pier", r"template *{headline}*\n{time}"]
    assert [line for line in exported.splitlines() if line in lines] == lines
    await say("unsubscribe 1")
    await say("unsubscribe 1")
    await say("settings template default")
    answer = await say("import\n" + "\n".join(lines))
    assert "2 filters added." in answer
    assert "The template is as the lines say." in answer
    assert await say("export") == exported
    # Where one line is all that can be typed.
    await say("settings template default")
    assert "2 there already" in await say("import " + "; ".join(lines))
    assert await say("export") == exported
    assert "silent" in await say("filters")


async def test_import_makes_a_filter_silent_that_is_there(say: Say) -> None:
    """And undo gives it its sound back."""
    await say("subscribe ferry")
    assert "/undo takes it back" in await say("import silent subscribe ferry")
    assert "silent subscribe ferry" in await say("export")
    await say("undo")
    assert "silent" not in await say("export")


@pytest.mark.parametrize("line", ["silent", "silent mute ferry", "template", "template {headline} {x}"])
async def test_import_of_what_cannot_be_changes_nothing(line: str, say: Say) -> None:
    """A filter beside it is not added either."""
    assert "Nothing was changed" in await say(f"import\nsubscribe pier\n{line}")
    assert "No filters yet" in await say("filters")
