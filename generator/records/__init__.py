"""What passes between the stages: one module for each stage's record, so that a field added for
one stage changes the code, and so the cache key, of no earlier stage."""
