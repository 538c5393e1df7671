# What a developer types. Everything runs in .venv, which `make setup` makes.
.PHONY: setup check test crash bench run

setup:            ## install what developing needs, every package checked against its hash
	python3 deploy/install.py --dev

check:            ## style, types, layers
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

test:             ## everything that CI runs
	.venv/bin/python -m pytest

crash:            ## kill -9 at named and random moments, again and again
	PHIWIRE_KILLS=50 .venv/bin/python -m pytest tests/crash

bench:            ## measure; each prints name, value, unit, goal
	.venv/bin/python -m tests.bench pipeline
	.venv/bin/python -m tests.bench commands
	.venv/bin/python -m tests.bench deliver
	.venv/bin/python -m tests.bench match
	.venv/bin/python -m tests.bench fanout
	.venv/bin/python -m tests.bench cadence
	.venv/bin/python -m tests.bench poll
	.venv/bin/python -m tests.bench outbox

run:              ## the bot, with the settings of .env
	.venv/bin/phiwire run
