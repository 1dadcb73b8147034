"""Processes and files: workers, signals, atomic files, imports."""
