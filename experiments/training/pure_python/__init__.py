"""A network of lists and loops: the measure of the core, and ``engine=pure_python``."""
