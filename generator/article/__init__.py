"""Prose and results become the article."""
