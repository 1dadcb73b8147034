"""A network of lists and loops: a reference for the core, and ``engine=pure_python``."""
