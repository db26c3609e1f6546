"""The records that pass between stages, in one module for each stage, so that a field added for one stage changes the
code, and therefore the cache key, of no earlier stage."""
