"""What the network predicts: the digit, the probabilities, notes, and the epochs of the run."""
