"""Speed and memory of the core, as ratios against other implementations. Never in the test run."""
