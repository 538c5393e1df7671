"""Pictures for the README, made from what the bot really says; run them with `python -m tests.pictures`."""
