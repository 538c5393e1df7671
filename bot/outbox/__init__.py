"""When, how often and whether a delivery is sent."""
