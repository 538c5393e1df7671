"""The bot's own web server, for those who call us: off unless PHIWIRE_LISTEN is set."""
