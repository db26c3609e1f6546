"""Every number of a run by its name, with its interval."""
