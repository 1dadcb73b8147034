"""The harness: a config becomes runs, the runs become metrics, plots and checkpoints."""
