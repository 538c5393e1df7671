"""Start the command line: `phiwire`, or `python -m bot`."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line; asked to stop while it is still loading, end at once, for there is nothing to finish."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from bot import cli  # noqa: PLC0415 (loading takes half a second, in which a stop must not be an accident)

    cli.main()


if __name__ == "__main__":
    main()
