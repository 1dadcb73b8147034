"""The answer: digit, probabilities, notes on how far to trust it, epochs."""
