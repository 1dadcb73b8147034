"""The lesson on drawings by real people."""
