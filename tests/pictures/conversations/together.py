"""Conversations of several people: groups, topics, broadcast channels, other chats."""

from __future__ import annotations

import sqlite3

from tests.emulators.telegram_state import BOT_ID
from tests.pictures import record
from tests.pictures.conversations import news
from tests.pictures.stage import BOT, Scene


async def group(scene: Scene) -> None:
    """Let a group's administrator change its filters, and nobody else."""
    chat = scene.group()
    await scene.say(chat, scene.ada, f"/subscribe@{BOT.username} ferry", "Subscribed")
    scene.at("09:10")
    await scene.say(chat, scene.ben, f"/mute@{BOT.username} ferry", "Only an administrator")
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    message = scene.newest(chat)
    await scene.tap(chat, scene.ben, message, "Follow")
    await scene.tap(chat, scene.ben, message, "Why")
    scene.at("09:26")
    await scene.tap(chat, scene.ada, message, "Follow", "Ada: Following")


async def members(scene: Scene) -> None:
    """Let all members of a group change its filters, and its administrators stay anonymous."""
    chat = scene.group()
    await scene.say(chat, scene.ada, f"/settings@{BOT.username} who members", "members")
    scene.at("09:05")
    await scene.say(chat, scene.ben, f"/subscribe@{BOT.username} ferry -football", "Subscribed")
    scene.notebook.note(chat, "Ben edits his message, which is not read again")
    await scene.telegram.say(chat, scene.ben, f"/subscribe@{BOT.username} ferry OR levy", edited=True)
    scene.look()
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    await scene.say(chat, scene.ben, "/why", "added by Ben", reply_to=scene.newest(chat).message_id)
    scene.notebook.note(chat, "Ada stays anonymous from now on")
    scene.telegram.hide(chat, scene.ada)
    scene.at("09:40")
    await scene.say(chat, scene.ada, f"/mute@{BOT.username} levy 2h", "Muted")
    await scene.say(chat, scene.ada, f"/filters@{BOT.username}", "by an administrator")


async def topics(scene: Scene) -> None:
    """Give each topic of a forum filters of its own, also the one that has no thread."""
    chat, (votes, coast) = scene.forum("Harbour desk", "Votes", "On the coast")
    scene.notebook.show(chat, "General", "topic in Harbour desk")
    await scene.say(chat, scene.ada, f"/subscribe@{BOT.username} vote", "Subscribed", thread=votes)
    scene.at("09:01")
    await scene.say(chat, scene.ada, f"/subscribe@{BOT.username} ferry -vote", "Subscribed", thread=coast)
    scene.at("09:02")
    await scene.say(chat, scene.ada, f"/subscribe@{BOT.username} levy", "Subscribed")
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    scene.at("09:30")
    await scene.news(news.minute_ago(scene, "Colm Everard", "The ferry captain who reads Hansard"))
    scene.at("09:35")
    await scene.news(news.minute_ago(scene, "Owen Tarrant", "Who pays the lighthouse levy?"))


async def channel(scene: Scene) -> None:
    """Feed a broadcast channel."""
    chat = scene.channel("Harbour wire", "channel, 1,204 subscribers")
    await scene.say(chat, scene.ada, "/subscribe ferry OR levy", "Subscribed")
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    message = scene.newest(chat)
    await scene.tap(chat, scene.ben, message, "Follow")


async def manage(scene: Scene) -> None:
    """Manage a broadcast channel from a private chat, without a word in it."""
    mine = scene.private(scene.ada)
    chat = scene.telegram.channel("Harbour wire", [scene.ada])
    scene.telegram.set_status(chat, BOT_ID, "left")
    asked = await scene.say(mine, scene.ada, "/manage", "Which channel?")
    scene.notebook.add(mine, record.board(asked, "Choose a channel"))
    scene.notebook.reopen(mine, f"Ada chooses {chat.title}; Telegram makes PhiWire its administrator")
    await scene.telegram.share_chat(mine, scene.ada, 1, chat)
    await scene.see("from now on, until")
    scene.at("09:02")
    await scene.say(mine, scene.ada, "/subscribe ferry OR levy", "Subscribed")
    scene.at("09:05")
    await scene.say(mine, scene.ada, "/manage off", "acts on this chat again")
    scene.notebook.show(chat, chat.title, "channel, 1,204 subscribers")
    scene.at("09:24")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))


async def operator(scene: Scene) -> None:
    """Look after the bot from a chat, and put an entry on the wire by hand."""
    ada = scene.private(scene.ada)
    await scene.say(ada, scene.ada, "/subscribe harbour", "Subscribed")
    scene.notebook.clear()
    mine = scene.telegram.private_chat(scene.olwen)
    scene.notebook.show(mine, BOT.first_name, "bot, for Olwen, who runs it")
    scene.at("09:24")
    await scene.say(mine, scene.olwen, "/source list", "PhiWire")
    pick = "/pick https://harbour.example/bill Priya Ashdown | The harbour bill, clause by clause"
    await scene.say(mine, scene.olwen, pick, "wire")
    scene.notebook.reopen(ada)
    await scene.picked()
    scene.notebook.reopen(mine)
    await scene.say(mine, scene.olwen, "/status", "sent")
    await scene.say(mine, scene.olwen, "/source remove releases", "not watched any more")


async def inline(scene: Scene) -> None:
    """Find an entry from any chat, and paste it there."""
    chat = scene.telegram.group("Friday choir", [scene.ben], [scene.ada])
    scene.notebook.show(chat, "Friday choir", "group, 6 members; the bot is none of them")
    scene.telegram.set_status(chat, BOT_ID, "left")
    for author, headline in (
        ("Marta Quill", news.FERRY),
        ("Owen Tarrant", news.MANY[2]),
        ("Colm Everard", "Ferry workers’ football final: the political guide"),
        ("Rafe Lindqvist", "Lunchtime briefing: the ferry vote, by numbers"),
    ):
        await scene.news(news.minute_ago(scene, author, headline))
    scene.at("12:40")
    await scene.telegram.say(chat, scene.ben, "Did the ferry get through in the end?")
    scene.notebook.look()
    typed = "ferry -football"
    query = await scene.telegram.type_inline(scene.ada, typed)
    answer = await scene.telegram.wait_for_inline(query)
    scene.notebook.add(chat, record.found(f"@{BOT.username} {typed}", answer))
    again = scene.notebook.reopen(chat, "Ada taps the third")
    again.shots.append(record.paste(answer["results"][2], "Ada", BOT.username, "12:40"))


async def share(scene: Scene) -> None:
    """Pass filters on by a link that works once."""
    mine = scene.private(scene.ada, "bot, on Ada’s phone")
    await scene.say(mine, scene.ada, "/follow Marta Quill", "Following")
    await scene.say(mine, scene.ada, '/subscribe "harbour levy" -football', "Subscribed")
    scene.notebook.clear()
    scene.at("09:05")
    offer = await scene.say(mine, scene.ada, "/share", "opens this link first")
    payload = offer.text.partition("?start=")[2].split()[0]
    his = scene.private(scene.ben, "bot, on Ben’s phone")
    scene.at("09:12")
    await scene.say(his, scene.ben, f"/start {payload}", "From the link")
    cleo = scene.telegram.user(9, "Cleo")
    hers = scene.private(cleo, "bot, on Cleo’s phone")
    scene.at("09:20")
    await scene.say(hers, cleo, f"/start {payload}", "used this link already")
    scene.at("09:30")
    scene.notebook.reopen(mine)
    offer = await scene.say(mine, scene.ada, "/share Marta Quill", "opens this link first")
    scene.notebook.reopen(hers)
    await scene.say(hers, cleo, f"/start {offer.text.partition('?start=')[2].split()[0]}", "From the link")


async def removed(scene: Scene) -> None:
    """Throw the bot out, and bring it back."""
    chat = scene.group()
    await scene.say(chat, scene.ada, f"/subscribe@{BOT.username} ferry", "Subscribed")
    scene.at("09:30")
    scene.telegram.kick_bot(chat)
    scene.notebook.note(chat, "09:30, Ada removed PhiWire")
    await scene.is_gone(chat)
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    scene.at("11:00")
    scene.telegram.add_bot(chat)
    scene.notebook.note(chat, "11:00, Ada added PhiWire")
    await scene.is_gone(chat, gone=False)
    scene.at("11:20")
    await scene.news(news.minute_ago(scene, "Owen Tarrant", news.MANY[2]))


async def silenced(scene: Scene) -> None:
    """Let the bot only read for a while, and block it elsewhere."""
    chat = scene.group()
    await scene.say(chat, scene.ada, f"/subscribe@{BOT.username} ferry", "Subscribed")
    mine = scene.private(scene.ben, "bot, on Ben’s phone")
    await scene.say(mine, scene.ben, "/subscribe ferry", "Subscribed")
    scene.at("09:30")
    scene.telegram.restrict(chat, BOT_ID, scene.ada)
    scene.notebook.note(chat, "09:30, Ada lets PhiWire only read")
    scene.telegram.block(scene.ben)
    scene.notebook.note(mine, "09:30, Ben blocks PhiWire")
    await scene.is_gone(mine)
    scene.at("10:05")
    await scene.news(news.minute_ago(scene, "Marta Quill", news.FERRY))
    scene.at("11:00")
    scene.telegram.restrict(chat, BOT_ID, scene.ada, may_send=True)
    scene.notebook.note(chat, "11:00, Ada lets PhiWire write again")
    await scene.until(lambda connection: not _is_held(connection, str(chat.id)))
    scene.telegram.unblock(scene.ben)
    scene.notebook.note(mine, "11:00, Ben unblocks PhiWire")
    await scene.is_gone(mine, gone=False)
    await scene.deliver()
    scene.at("11:20")
    await scene.news(news.minute_ago(scene, "Owen Tarrant", news.MANY[2]))


async def migration(scene: Scene) -> None:
    """Turn a group into a supergroup, which has another number, and lose nothing."""
    chat = scene.group()
    await scene.say(chat, scene.ada, f"/subscribe@{BOT.username} ferry", "Subscribed")
    scene.at("09:30")
    moved = scene.telegram.migrate(chat)
    scene.notebook.follow(chat, moved)
    scene.notebook.note(moved, "09:30, this group was upgraded to a supergroup")
    await scene.until(lambda connection: _has_moved(connection, str(moved.id)))
    scene.at("09:42")
    await scene.news(news.minute_ago(scene, "Owen Tarrant", news.MANY[2]))
    await scene.say(moved, scene.ada, f"/filters@{BOT.username}", "ferry")


def _is_held(connection: sqlite3.Connection, address: str) -> bool:
    (held,) = connection.execute("SELECT hold_until FROM channels WHERE address = ?", (address,)).fetchone()
    return held is not None


def _has_moved(connection: sqlite3.Connection, address: str) -> bool:
    return connection.execute("SELECT 1 FROM channels WHERE address = ?", (address,)).fetchone() is not None
