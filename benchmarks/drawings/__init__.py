"""How well networks classify the drawings of new writers: ``python -m benchmarks.drawings``."""
