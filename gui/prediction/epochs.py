"""A slider over the epochs after which a run kept its weights, and a button that plays them."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from gui.style.theme import Look

_PACE = 400  # milliseconds for an epoch


class EpochScrubber(ttk.Frame):
    """Hidden where no epochs were kept. Behind the last epoch stand the best weights.

    ``on_epoch`` is called with the epoch that is wanted, None for the best.
    """

    def __init__(self, parent: tk.Misc, look: Look, on_epoch: Callable[[int | None], None]) -> None:
        super().__init__(parent)
        self._on_epoch = on_epoch
        self._stops: list[int | None] = [None]
        self._at = 0
        self._timer: str | None = None
        self.play_button = ttk.Button(
            self, text="▶ play", command=self.play, takefocus=False, cursor="hand2", width=8
        )
        self.play_button.pack(side=tk.LEFT, padx=look.px(12))
        self._label = ttk.Label(self, width=14, style="Caption.TLabel", anchor=tk.E)
        self._label.pack(side=tk.RIGHT, padx=look.px(12))
        self.slider = ttk.Scale(self, command=self._slid, takefocus=False)
        self.slider.pack(side=tk.LEFT, fill=tk.X, expand=True, pady=look.px(4))

    @property
    def words(self) -> str:
        """Which epoch is shown."""
        return str(self._label.cget("text"))

    def show(self, epochs: Sequence[int], epoch: int | None) -> None:
        """The epochs that there are, and which of them is shown; ends playing if not the next."""
        if epoch != self._stops[self._at]:
            self.stop()
        self._stops = [*epochs, None]
        self._at = self._stops.index(epoch) if epoch in self._stops else len(epochs)
        if epochs:
            self.pack(side=tk.BOTTOM, fill=tk.X)
        else:
            self.stop()
            self.pack_forget()
            return
        self.slider.configure(to=len(epochs), value=self._at)
        self._say()

    def step(self, by: int) -> None:
        """That many stops further, as far as there are any."""
        self._go(min(max(self._at + by, 0), len(self._stops) - 1))

    def play(self) -> None:
        """From the first epoch to the best weights; a second time: stops."""
        if self._timer is not None:
            self.stop()
        elif len(self._stops) > 1:
            self.play_button.configure(text="■ stop")
            self._go(0)
            self._timer = self.after(_PACE, self._next)

    def stop(self) -> None:
        """Ends playing."""
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None
            self.play_button.configure(text="▶ play")

    def destroy(self) -> None:
        """Ends playing, and the widget."""
        self.stop()
        super().destroy()

    def _next(self) -> None:
        self.step(1)
        if self._at == len(self._stops) - 1:
            self.stop()
        else:
            self._timer = self.after(_PACE, self._next)

    def _slid(self, value: str) -> None:
        self._go(round(float(value)))

    def _go(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self.slider.set(at)
            self._say()
            self._on_epoch(self._stops[at])

    def _say(self) -> None:
        epoch = self._stops[self._at]
        last = len(self._stops) - 1
        self._label.configure(text="best weights" if epoch is None else f"epoch {epoch} of {last}")
