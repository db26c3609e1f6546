"""The stages in their order, their keys, the store, and the workers."""
