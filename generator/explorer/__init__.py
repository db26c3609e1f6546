"""Prepares the network to run in the page."""
