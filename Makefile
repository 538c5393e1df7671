# What a developer types. Everything runs in .venv, which `make setup` makes.
.PHONY: setup check test crash soak bench run

setup:            ## install what developing needs, every package checked against its hash
	python3 deploy/install.py --dev

check:            ## style, types, layers
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

test:             ## everything that CI runs
	.venv/bin/python -m pytest -n 2 --dist worksteal

crash:            ## kill -9 at every named step, and 200 times at random; prints what was lost and what came twice
	PHIWIRE_KILLS=$${PHIWIRE_KILLS:-200} .venv/bin/python -m pytest -rP tests/crash --deselect tests/crash/test_soak.py

soak:             ## ten minutes in which one answer in twenty is wrong; prints what was lost and what came twice
	PHIWIRE_SOAK_SECONDS=$${PHIWIRE_SOAK_SECONDS:-600} .venv/bin/python -m pytest -rP tests/crash/test_soak.py

bench:            ## measure; each prints name, value, unit, goal
	.venv/bin/python -m tests.bench pipeline
	.venv/bin/python -m tests.bench commands
	.venv/bin/python -m tests.bench slack
	.venv/bin/python -m tests.bench deliver
	.venv/bin/python -m tests.bench match
	.venv/bin/python -m tests.bench fanout
	.venv/bin/python -m tests.bench cadence
	.venv/bin/python -m tests.bench poll
	.venv/bin/python -m tests.bench outbox

run:              ## the bot, with the settings of .env
	.venv/bin/phiwire run
