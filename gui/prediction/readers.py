"""Who reads the drawing, one network or two, and who did before."""

from collections.abc import Callable, Sequence

from gui.prediction.reader import Reader
from gui.runs.loader import Runs


class Readers:
    """The readers of ``now``, which are got from ``runs``; the first of them is the main one.

    ``say`` is called with words and whether they tell of an error, ``seat`` with the side
    (0 or 1) whose reader is a new one or, against one's wish, stays, ``rearrange`` when there
    are two instead of one or one instead of two, and ``mark`` with the run whose network is the
    main reader.
    """

    def __init__(
        self,
        runs: Runs,
        readers: Sequence[Reader],
        *,
        say: Callable[[str, bool], None],
        seat: Callable[[int], None],
        rearrange: Callable[[], None],
        mark: Callable[[str | None], None],
    ) -> None:
        self.now = list(readers)
        self._before: Reader | None = None
        self._runs = runs
        self._say, self._seat, self._rearrange, self._mark = say, seat, rearrange, mark

    def choose(self, run_id: str, words: str = "") -> None:
        """Makes another run's network the main reader, with these words.

        If it can't be had, says why and stays.
        """
        self._open(0, run_id, None, words)

    def go_to(self, side: int, epoch: int | None) -> None:
        """Makes the reader of one side what it was after an epoch; None: at its best."""
        run_id = self.now[side].run_id
        if run_id is not None:
            self._open(side, run_id, epoch, "")

    def go_back(self) -> None:
        """To the network that read before, and forth again."""
        if self._before is not None:
            self._use(0, self._before)

    def toggle_compare(self) -> None:
        """Sets the network that read before beside the present one, or takes it away."""
        first, *others = self.now
        if others:
            self._before, self.now = others[0], [first]
        elif self._before is None:
            self._say("choose another run first: then C sets the one before beside it", False)
            return
        else:
            self.now = [first, self._before]
        self._rearrange()

    def _open(self, side: int, run_id: str, epoch: int | None, words: str) -> None:
        def opened(reader: Reader) -> None:
            self._say(words, False)
            self._use(side, reader)

        def failed(reason: str) -> None:
            self._say(reason, True)
            self._mark(self.now[0].run_id)
            self._seat(side)  # the slider stands where the network isn't

        self._runs.open(side, run_id, epoch, opened, failed)

    def _use(self, side: int, reader: Reader) -> None:
        if side == 0:
            if reader.run_id != self.now[0].run_id:
                self._before = self.now[0]
            self._mark(reader.run_id)
        self.now[side] = reader
        self._seat(side)
