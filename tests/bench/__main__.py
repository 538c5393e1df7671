"""Run a bench: `python -m tests.bench NAME [options] [--json]`. Each prints rows of name, value, unit and goal."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

from bot import logs
from tests.bench import cadence, commands, deliver, fanout, match, outbox, pipeline, poll, slack, starting
from tests.bench.rows import Row


class Bench(NamedTuple):
    """What measures, and its options: whole numbers with their defaults, named as the arguments of `measure`."""

    measure: Callable[..., Coroutine[Any, Any, list[Row]]]
    options: dict[str, int]


BENCHES = {
    "cadence": Bench(cadence.measure, {"sources": cadence.SOURCES, "every": cadence.EVERY}),
    "commands": Bench(
        commands.measure, {"commands": commands.COMMANDS, "chats": commands.CHATS, "seconds": commands.SECONDS}
    ),
    "deliver": Bench(deliver.measure, {"messages": deliver.MESSAGES, "subscriptions": deliver.SUBSCRIPTIONS}),
    "fanout": Bench(fanout.measure, {"channels": fanout.CHANNELS}),
    "match": Bench(match.measure, {"subscriptions": match.SUBSCRIPTIONS}),
    "outbox": Bench(outbox.measure, {"seconds": outbox.SECONDS, "backlog": outbox.BACKLOG, "settles": outbox.SETTLES}),
    "pipeline": Bench(pipeline.measure, {"subscriptions": starting.SUBSCRIPTIONS}),
    "poll": Bench(poll.measure, {"sources": poll.SOURCES}),
    "slack": Bench(
        slack.measure,
        {
            "commands": slack.COMMANDS,
            "channels": slack.CHANNELS,
            "seconds": slack.SECONDS,
            "workspaces": slack.WORKSPACES,
        },
    ),
}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True)
    for name, bench in BENCHES.items():
        options = names.add_parser(name)
        options.add_argument("--json", action="store_true", help="one JSON object a row")
        for option, default in bench.options.items():
            options.add_argument(f"--{option}", type=int, default=default, help=f"by default {default}")
    arguments = parser.parse_args()
    logs.configure("error", "text", ())
    chosen = BENCHES[arguments.name]
    for row in asyncio.run(chosen.measure(**{option: getattr(arguments, option) for option in chosen.options})):
        if arguments.json:
            print(json.dumps(row._asdict()))
        else:
            print(f"{row.name:<44} {row.value:>10.3f} {row.unit:<6} {row.goal}")


if __name__ == "__main__":
    main()
