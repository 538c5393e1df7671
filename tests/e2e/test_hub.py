"""A running bot behind a public address: a hub is asked, asks back, and its news is delivered without a poll."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.e2e.process import BotProcess
from tests.emulators import pages
from tests.emulators.hub import HubEmulator
from tests.emulators.web import WebEmulator

OLD = pages.FeedItem("Harbour fund opens", "https://example.org/1", "one")
NEW = pages.FeedItem("Night ferry confirmed", "https://example.org/2", "two")


async def test_hub_tells_the_running_bot(
    web: WebEmulator, bot_process: Callable[..., BotProcess], tmp_path: Path, port: int
) -> None:
    """The source's own interval is an hour: only the hub can have been so quick."""
    async with HubEmulator() as hub:
        link = f"<{hub.url}/hub>; rel=hub"
        address = web.publish("/feed", pages.rss([OLD]), "application/rss+xml", headers={"Link": link})
        sources = tmp_path / "sources.toml"
        sources.write_text(f'[[source]]\nslug = "n"\nname = "N"\nkind = "feed"\nurl = "{address}"\nevery = "1h"\n')
        listen = f"127.0.0.1:{port}"
        settings = {
            "PHIWIRE_SOURCES": str(sources),
            "PHIWIRE_LISTEN": listen,
            "PHIWIRE_PUBLIC_URL": f"http://{listen}/",
        }
        process = bot_process(settings)
        await process.start()
        await hub.wait_for(lambda: hub.forms, 30)
        (form,) = hub.forms
        assert (await hub.ask_back(form))[0] == 200
        assert await hub.send(form, pages.rss([NEW])) == 204
        await process.says("Night ferry confirmed")
        assert form["hub.callback"].rpartition("/")[2] not in process.errors + process.output
        assert form["hub.secret"] not in process.errors + process.output
        assert await process.terminate() == 0


async def test_address_that_is_taken_is_refused_in_one_sentence(
    web: WebEmulator, bot_process: Callable[..., BotProcess]
) -> None:
    """The sentence names the setting and the remedy."""
    process = bot_process({"PHIWIRE_LISTEN": f"127.0.0.1:{web.port}"})
    await process.start()
    assert await process.ends() == 2
    assert process.errors.strip().splitlines()[-1].endswith("end that one, or choose another port.")
