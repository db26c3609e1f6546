"""A paper's data: found, verified, decoded, downloaded."""
