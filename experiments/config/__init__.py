"""The configuration: its schema, its checks, composing it, reading a stored one, its digests."""
