"""The logged runs: their table, loading the network of one, and which networks are shown."""
