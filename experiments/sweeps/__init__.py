"""Many runs at once: the jobs of a sweep, the processes that train them, their parent run."""
