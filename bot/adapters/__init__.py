"""One adapter a platform: it sends, receives and speaks the platform's markup; nobody else knows its words."""
