"""Parses the author's text, without using results."""
