"""Work on a thread of its own."""

from threading import Event

from events import wait_until

from gui.background import Background


def test_an_unexpected_error_is_reported_and_printed(root, capsys) -> None:
    background, begin, told = Background(root, "test"), Event(), []
    background.run(lambda: begin.wait() // 0, told.append, told.append)
    begin.set()
    wait_until(root, lambda: told)
    background.close()
    assert len(told) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
