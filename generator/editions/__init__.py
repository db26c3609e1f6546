"""Publishing editions, and verifying them."""
