"""Text of users in pictures. It loads no matplotlib."""


def literal(text: str) -> str:
    """``text`` as matplotlib shows it unchanged: else it reads formulas between dollar signs."""
    return text.replace("$", r"\$")
