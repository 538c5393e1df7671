"""Conversations of the first minutes: the welcome, and what can be typed."""

from __future__ import annotations

from tests.pictures import record
from tests.pictures.conversations import news
from tests.pictures.stage import Scene


async def _morning(scene: Scene) -> None:
    """Let the wire have something to offer: an author who writes much, a word that is in several headlines."""
    for author, headline in (
        ("Colm Everard", "The ferry captain who reads Hansard"),
        ("Marta Quill", news.FERRY),
        ("Owen Tarrant", news.MANY[2]),
        ("Marta Quill", "Why the harbour bill divides both benches"),
    ):
        await scene.news(news.minute_ago(scene, author, headline))
    scene.at("09:05")


async def welcome(scene: Scene) -> None:
    """Press Start, and have a filter by one tap."""
    await _morning(scene)
    chat = scene.private(scene.ada)
    message = await scene.say(chat, scene.ada, "/start", "watches the political wire")
    await scene.tap(chat, scene.ada, message, "Follow", "1 filter here")
    await scene.tap(chat, scene.ada, message, "Subscribe", "2 filters here")


async def joined(scene: Scene) -> None:
    """Bring the bot into a group, and let its administrator tap what others may only read."""
    await _morning(scene)
    chat = scene.telegram.group("Harbour desk", [scene.ada], [scene.ben], bot="left")
    scene.notebook.show(chat, "Harbour desk", "group, 3 members")
    scene.notebook.note(chat, "Ada added PhiWire")
    scene.telegram.add_bot(chat)
    message = await scene.see("Here only administrators choose")
    await scene.tap(chat, scene.ben, message, "Subscribe")
    await scene.tap(chat, scene.ada, message, "Subscribe", "Ada: Subscribed")


async def menus(scene: Scene) -> None:
    """Open the menu in three places, once with a Telegram that speaks Welsh."""
    mine = scene.private(scene.ada, "bot")
    group = scene.group()
    for chat, who, most in ((mine, scene.ada, 40), (group, scene.ada, 6), (group, scene.ben, 40)):
        if chat is group:
            is_whose = "its administrator" if who is scene.ada else "a member"
            scene.notebook.show(chat, group.title, f"group, for {who.first_name}, {is_whose}")
        scene.notebook.add(chat, record.offered(scene.telegram, chat, who, most))
    angharad = scene.telegram.user(10, "Angharad", language="cy")
    hers = scene.private(angharad, "bot, for Angharad, whose Telegram speaks Welsh")
    scene.notebook.add(hers, record.offered(scene.telegram, hers, angharad, 6, "cy"))
