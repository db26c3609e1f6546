"""Combines the author's prose and the results into the article."""
