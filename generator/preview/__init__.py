"""`watch`: rebuild on every save, with a live preview."""
