"""Draws pictures and charts."""
