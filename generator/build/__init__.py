"""The stages in order, their keys, the store, and the workers."""
