"""What a person sees of the runs: plots and terminal output."""
