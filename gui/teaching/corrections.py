"""Labelling the drawing with a key, and teaching the network."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from experiments.errors import UserError
from gui.input.network_input import NetworkInput
from gui.runs.shown_networks import ShownNetworks
from gui.teaching.teacher import Teacher


class Corrections:
    """What the keys 0–9, Backspace and T do with the drawing of ``network_input``.

    The main network is taught, and replaced by the tuned one. ``say`` is called with a message
    and whether it is an error, ``on_count`` with the number of drawings kept.
    """

    def __init__(
        self,
        teacher: Teacher,
        network_input: NetworkInput,
        networks: ShownNetworks,
        *,
        say: Callable[[str, bool], None],
        on_count: Callable[[int], None],
    ) -> None:
        self._teacher, self._input, self._networks = teacher, network_input, networks
        self._say, self._on_count = say, on_count

    def label(self, digit: int) -> None:
        """Keeps the drawing as an example of a digit."""
        drawing = self._input.drawing
        if drawing.empty:
            self._say(f"draw the {digit} first, then press {digit}", False)
            return
        with self._errors_shown():
            self._teacher.keep(drawing.paths, digit, self._networks.now[0].run_id)
            self._say(f"kept as {digit}; Backspace removes it", False)
        self.count()

    def forget(self) -> None:
        """Removes the drawing that was kept last."""
        with self._errors_shown():
            self._say("removed the last drawing" if self._teacher.forget() else "", False)
        self.count()

    def teach(self) -> None:
        """Tunes the main network on the drawings kept, and shows the tuned network."""

        def taught(run_id: str, message: str) -> None:
            self._networks.choose(run_id, f"{message}; B goes back, C compares")

        self._say("teaching …", False)
        self._teacher.teach(self._networks.now[0], taught, lambda reason: self._say(reason, True))

    def count(self) -> None:
        """Reports the number of drawings kept."""
        with self._errors_shown():
            self._on_count(self._teacher.drawings)

    @contextmanager
    def _errors_shown(self) -> Iterator[None]:
        try:
            yield
        except UserError as error:
            self._say(str(error), True)
