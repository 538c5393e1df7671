"""Install PhiWire Bot into .venv beside this folder, with nothing but Python 3.11 or newer.

    python3 deploy/install.py          what running needs; then .venv/bin/phiwire
    python3 deploy/install.py --dev    also what the tests need; then .venv/bin/python -m pytest

Every package is checked against the hash in requirements.txt or requirements-dev.txt.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
OLDEST = (3, 11)


def main() -> int:
    """Install, and say what to type next."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="install what the tests need, too")
    dev = parser.parse_args().dev
    if sys.version_info < OLDEST:
        return refuse(f"Python {sys.version.split()[0]} is too old: run this with Python 3.11 or newer.")
    python = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin") / "python"
    # Debian keeps what would put pip into a new environment in a package of its own; any pip can install from outside.
    own_pip = importlib.util.find_spec("ensurepip") is not None
    outside_pip = importlib.util.find_spec("pip") is not None
    if not own_pip and not outside_pip:
        return refuse("This Python has no pip: install it first (on Debian and Ubuntu: apt install python3-pip).")
    venv.create(ENVIRONMENT, with_pip=own_pip, upgrade_deps=False)
    pip = [str(python), "-m", "pip"] if own_pip else [sys.executable, "-m", "pip", "--python", str(python)]
    pip += ["--disable-pip-version-check", "install", "--quiet", "--no-warn-script-location"]
    requirements = "requirements-dev.txt" if dev else "requirements.txt"
    print(f"Installing what {requirements} pins into {ENVIRONMENT.name} (a minute, the first time) …", flush=True)
    # The build backend is pinned among the requirements, so nothing is fetched without a hash.
    steps = (
        ["--require-hashes", "-r", str(ROOT / requirements)],
        ["--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT)],
    )
    for step in steps:
        # The build backend warns of editable installations at length; there is nothing to be done about it.
        quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
        if subprocess.run([*pip, *step], env=quiet, check=False).returncode != 0:
            return refuse("pip could not install: its message stands above. Is the network up?")
    print("Done. Next: .venv/bin/python -m pytest" if dev else "Done. Next: .venv/bin/phiwire demo", flush=True)
    return 0


def refuse(sentence: str) -> int:
    """Say why nothing more is done."""
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
