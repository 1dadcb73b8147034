"""Which networks the window shows: one, or two side by side, and the one before."""

from collections.abc import Callable, Sequence

from gui.runs.loaded_network import LoadedNetwork
from gui.runs.loader import RunLoader


class ShownNetworks:
    """The networks in ``now``, loaded by ``runs``. The first of them is the main network.

    ``say`` is called with a message and whether it is an error. ``on_change`` is called with
    a side (0 or 1) when its network has changed, or could not be changed. ``on_compare`` is
    called when there are two networks instead of one, or one instead of two.
    """

    def __init__(
        self,
        runs: RunLoader,
        networks: Sequence[LoadedNetwork],
        *,
        say: Callable[[str, bool], None],
        on_change: Callable[[int], None],
        on_compare: Callable[[], None],
    ) -> None:
        self.now = list(networks)
        self._before: LoadedNetwork | None = None
        self._runs, self._say = runs, say
        self._on_change, self._on_compare = on_change, on_compare

    def choose(self, run_id: str, message: str = "") -> None:
        """Makes the network of another run the main one, and shows the message.

        If it can't be loaded, the message says why, and the main network stays.
        """
        self._load(0, run_id, None, message)

    def choose_epoch(self, side: int, epoch: int | None) -> None:
        """Loads the weights of another epoch of one side's run; None: the best weights."""
        run_id = self.now[side].run_id
        if run_id is not None:
            self._load(side, run_id, epoch, "")

    def go_back(self) -> None:
        """Makes the network before the main one. A second call undoes the first."""
        if self._before is not None:
            self._use(0, self._before)

    def toggle_compare(self) -> None:
        """Shows the network before beside the main one, or hides it again."""
        first, *others = self.now
        if others:
            self._before, self.now = others[0], [first]
        elif self._before is None:
            self._say(
                "there is no network before this one: choose another run, then press C", False
            )
            return
        else:
            self.now = [first, self._before]
        self._on_compare()

    def _load(self, side: int, run_id: str, epoch: int | None, message: str) -> None:
        def loaded(network: LoadedNetwork) -> None:
            self._say(message, False)
            self._use(side, network)

        def failed(reason: str) -> None:
            self._say(reason, True)
            self._on_change(side)  # table and slider return to what is shown

        self._runs.load(side, run_id, epoch, loaded, failed)

    def _use(self, side: int, network: LoadedNetwork) -> None:
        if side == 0 and network.run_id != self.now[0].run_id:
            self._before = self.now[0]
        self.now[side] = network
        self._on_change(side)
