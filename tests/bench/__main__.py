"""Run a bench: `python -m tests.bench NAME [--json]`. Each prints rows of name, value, unit and goal."""

from __future__ import annotations

import argparse
import asyncio
import json

from tests.bench import pipeline

BENCHES = {"pipeline": pipeline.measure}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--json", action="store_true", help="one JSON object a row")
    arguments = parser.parse_args()
    for row in asyncio.run(BENCHES[arguments.name]()):
        if arguments.json:
            print(json.dumps(row._asdict()))
        else:
            print(f"{row.name:<44} {row.value:>10.3f} {row.unit:<6} {row.goal}")


if __name__ == "__main__":
    main()
