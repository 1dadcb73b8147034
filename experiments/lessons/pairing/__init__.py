"""The lesson on the pairing of softmax and cross-entropy."""
