"""Many runs at once: the jobs of a sweep, the processes that do them, and their parent run."""
