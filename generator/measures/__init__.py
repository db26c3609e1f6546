"""Measures of what is inside a network."""
