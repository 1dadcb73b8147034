"""The attacks; each module is one way to harm the program."""
