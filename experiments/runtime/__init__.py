"""Processes and files: workers, signals, locks, atomic files, imports."""
