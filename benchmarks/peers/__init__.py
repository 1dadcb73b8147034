"""This core and other implementations train one network: ``python -m benchmarks.peers``."""
