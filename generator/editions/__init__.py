"""Editions published, and verified."""
