"""Faults put into real builds of a small paper: signals, damage, a full disk, special files, other builds at work."""
