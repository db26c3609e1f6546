"""Comparison of two editions."""
