"""The database of the runs: its address, and the program and version that wrote it."""
