"""The author's text, parsed. It knows no result."""
