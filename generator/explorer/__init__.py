"""The network made ready to run in the page."""
