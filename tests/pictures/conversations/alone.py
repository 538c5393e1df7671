"""Conversations of one person with the bot."""

from __future__ import annotations

from datetime import timedelta

from tests.emulators.telegram_state import Chat, SentMessage
from tests.pictures.conversations import news
from tests.pictures.newsroom import AUTHORS, RELEASES
from tests.pictures.stage import Scene


async def _one_message(scene: Scene) -> tuple[Chat, SentMessage]:
    chat = scene.private(scene.ada)
    await scene.say(chat, scene.ada, "/subscribe ferry", "Subscribed")
    scene.notebook.clear()
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    return chat, scene.newest(chat)


async def exchange(scene: Scene) -> None:
    """Play a morning: an author, a query, news, a release, why, a mute."""
    chat = scene.private(scene.ada)
    scene.at("09:02")
    await scene.say(chat, scene.ada, "/follow Marta Quill", "Following")
    scene.at("09:03")
    await scene.say(chat, scene.ada, "/subscribe ferry", "Subscribed")
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    scene.at("09:41")
    await scene.news(news.release(scene), source=RELEASES)
    scene.at("09:42")
    await scene.say(chat, scene.ada, "/why", "added by", reply_to=scene.newest(chat).message_id)
    scene.at("09:43")
    await scene.say(chat, scene.ada, "/mute football 2h", "Muted")


async def why(scene: Scene) -> None:
    """Ask a message why it came."""
    chat, message = await _one_message(scene)
    await scene.tap(chat, scene.ada, message, "Why")


async def follow(scene: Scene) -> None:
    """Follow the author of what came."""
    chat, message = await _one_message(scene)
    await scene.tap(chat, scene.ada, message, "Follow", "Why")
    scene.at("10:15")
    await scene.news(news.minute_ago(scene, "Marta Quill", "Why the harbour bill divides both benches"))


async def old_buttons(scene: Scene) -> None:
    """Tap what nothing is known of any more."""
    chat, message = await _one_message(scene)
    scene.at("09:30")
    await scene.say(chat, scene.ada, "/forget everything", "nothing of this channel any more")
    scene.notebook.redraw(chat, message)
    await scene.tap(chat, scene.ada, message, "Why")


async def mute(scene: Scene) -> None:
    """Mute a word for a day."""
    chat, message = await _one_message(scene)
    await scene.tap(chat, scene.ada, message, "Mute", "Back")
    await scene.tap(chat, scene.ada, message, "ferry", "1 day")
    await scene.tap(chat, scene.ada, message, "1 day", "Why")


async def settings(scene: Scene) -> None:
    """Change how messages come."""
    chat = scene.private(scene.ada)
    panel = await scene.say(chat, scene.ada, "/settings", "Settings")
    await scene.tap(chat, scene.ada, panel, "Silent", "Silent: on")
    await scene.tap(chat, scene.ada, panel, "Preview", "Preview: large")
    await scene.tap(chat, scene.ada, panel, "Time zone", "Delhi")
    await scene.tap(chat, scene.ada, panel, "Brussels", "Europe/Brussels")


async def silent(scene: Scene) -> None:
    """Let one of two filters make no sound, and take that back."""
    chat = scene.private(scene.ada)
    await scene.say(chat, scene.ada, "/follow Marta Quill", "Following")
    await scene.say(chat, scene.ada, "/subscribe levy", "Subscribed")
    scene.notebook.clear()
    scene.at("09:10")
    await scene.say(chat, scene.ada, "/silent 2", "is silent")
    await scene.say(chat, scene.ada, "/filters", "silent")
    scene.at("09:20")
    await scene.say(chat, scene.ada, "/undo", "not silent any more")


async def welsh(scene: Scene) -> None:
    """Have everything said in Welsh from now on, but what others wrote."""
    chat = scene.private(scene.ada)
    await scene.say(chat, scene.ada, "/settings language cymraeg", "Cymraeg")
    await scene.say(chat, scene.ada, "/subscribe ferry", "ferry")
    scene.at("09:31")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    message = scene.newest(chat)
    await scene.tap(chat, scene.ada, message, "Tewi", "Marta")
    await scene.say(chat, scene.ada, "/filters", "ferry")


async def pause(scene: Scene) -> None:
    """Have quiet for a while, and the news afterwards."""
    chat = scene.private(scene.ada)
    await scene.say(chat, scene.ada, "/subscribe ferry", "Subscribed")
    scene.at("09:30")
    await scene.say(chat, scene.ada, "/pause 2h", "Paused")
    scene.at("10:05")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    scene.at("10:40")
    await scene.news(news.minute_ago(scene, "Owen Tarrant", news.MANY[2]))
    scene.notebook.note(chat, "Two messages wait")
    scene.at("10:50")
    await scene.say(chat, scene.ada, "/resume", "Resumed")
    await scene.deliver()


async def correction(scene: Scene) -> None:
    """See a headline corrected where it stands."""
    chat, message = await _one_message(scene)
    scene.at("09:31")
    scene.notebook.note(chat, "09:31: the wire corrects its headline, and the message changes")
    corrected = news.row("Marta Quill", "Ferry subsidy survives by two votes", scene.now - timedelta(minutes=8))
    await scene.correct(news.FERRY, corrected)
    await scene.say(chat, scene.ada, "/why", "added by", reply_to=message.message_id)


async def flood(scene: Scene) -> None:
    """Get a dozen entries of one minute as one message."""
    chat = scene.private(scene.ada)
    await scene.say(chat, scene.ada, "/subscribe ferry", "Subscribed")
    scene.notebook.clear()
    scene.at("09:24")
    await scene.news(*(news.minute_ago(scene, AUTHORS[n % 4], headline) for n, headline in enumerate(news.MANY)))


async def catch_up(scene: Scene) -> None:
    """Come back after a night without the bot."""
    chat = scene.private(scene.ada)
    scene.at("22:00")
    await scene.say(chat, scene.ada, "/subscribe ferry", "Subscribed")
    scene.notebook.clear()
    scene.at("23:10")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    scene.notebook.note(chat, "The bot’s machine is off until the morning")
    scene.at("07:30", days=1)
    hours = (*(8.0 - n / 4 for n in range(6)), 5, 2.5, 1)
    missed = [
        news.row("Owen Tarrant", headline, scene.now - timedelta(hours=ago))
        for headline, ago in zip(news.MANY, hours, strict=False)
    ]
    await scene.news(*missed, was_off=True)


async def release(scene: Scene) -> None:
    """Open a press release's quotation."""
    chat = scene.private(scene.ada)
    await scene.say(chat, scene.ada, "/subscribe ferry", "Subscribed")
    scene.notebook.clear()
    scene.at("09:41")
    await scene.news(news.release(scene), source=RELEASES)
    message = scene.newest(chat)
    scene.notebook.note(chat, "Ada opens the quotation")
    scene.notebook.redraw(chat, message)
    scene.notebook.open_quotation(chat, message)


async def mistakes(scene: Scene) -> None:
    """Find mistakes explained: no such command, a broken query."""
    chat = scene.private(scene.ada)
    await scene.say(chat, scene.ada, "/folow Marta Quill", "Did you mean")
    await scene.say(chat, scene.ada, "/subscribe ferry OR (levy", "Nothing was changed")
    await scene.say(chat, scene.ada, "/pause tomorrow", "Nothing was changed")


async def pages(scene: Scene) -> None:
    """Read a long answer in one message, whose pages turn."""
    chat = scene.private(scene.ada)
    names = [f"{first} {last}" for last in news.SURNAMES for first in news.FIRST_NAMES]
    lines = "\n".join(f"follow {name}" for name in names)
    await scene.say(chat, scene.ada, f"/import\n{lines}", f"{len(names)} filters added")
    scene.notebook.clear()
    scene.at("09:10")
    message = await scene.say(chat, scene.ada, "/filters", "1/3")
    await scene.tap(chat, scene.ada, message, "›", "2/3")
    await scene.tap(chat, scene.ada, message, "›", "3/3")


async def template(scene: Scene) -> None:
    """Choose what messages look like: a mistake, its place, then what it will be."""
    chat = scene.private(scene.ada)
    await scene.say(chat, scene.ada, "/subscribe ferry", "Subscribed")
    scene.notebook.clear()
    scene.at("09:10")
    words = "/settings template {icon} *{headline}*\n_{author}_, {time}\n{quotations}"
    await scene.say(chat, scene.ada, words.replace("author", "auhtor"), "Nothing was changed")
    scene.at("09:11")
    await scene.say(chat, scene.ada, words, "Messages look like this")
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))


async def directions(scene: Scene) -> None:
    """Read names and headlines that run from right to left."""
    chat = scene.private(scene.ada)
    await scene.say(chat, scene.ada, "/subscribe ferry OR العبّارة OR מעבורת", "Subscribed")
    scene.notebook.clear()
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "ليلى حدّاد", "العبّارة الليلية تبحر طوال العام"))
    scene.at("09:31")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    scene.at("09:40")
    await scene.news(news.minute_ago(scene, "ינון לוי", "מעבורת הלילה חוזרת לאיים"))
    scene.at("09:45")
    await scene.say(chat, scene.ada, "/latest 3", "• Marta Quill")
