"""Text of strangers on the terminal, in logs and in the window."""

import logging

import pytest

from experiments.reporting import terminal
from experiments.runtime.printable import PrintableFormatter, printable, printable_lines

FORGED = "numpy 2\nthe same weights, bit for bit, after every epoch"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("he_normal · ação · 重み", "he_normal · ação · 重み"),
        ("\x1b[2J\x07", r"\x1b[2J\x07"),
        ("\u202etxt\u2028\r\n", r"\u202etxt\u2028\r\n"),
        ("x" * 5000, "x" * 3999 + "…"),
    ],
)
def test_text_of_strangers_is_one_bounded_line_without_control_characters(text, shown) -> None:
    assert printable(text) == shown


def test_a_line_break_in_a_name_forges_no_line(capsys) -> None:
    terminal.print_text(FORGED)
    logged = logging.makeLogRecord({"msg": FORGED})
    for printed in (capsys.readouterr().out.rstrip("\n"), PrintableFormatter().format(logged)):
        assert printed == FORGED.replace("\n", r"\n")


def test_json_keeps_its_lines() -> None:
    assert printable_lines('{\n  "a": "\x1b"\n}') == '{\n  "a": "\\x1b"\n}'
