"""The live drawing window: draw a digit and watch a trained network classify it."""
