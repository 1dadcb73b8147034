"""A slider over the epochs whose weights the run kept, and a button that plays them."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from gui.style.panels import text_button
from gui.style.theme import Theme

_PACE = 400  # milliseconds for an epoch
_PLAY = "▶ play"


class EpochSlider(ttk.Frame):
    """Hidden if the run kept no epochs. The last stop, behind all epochs, is the best weights.

    ``on_epoch`` is called with the epoch that the user chooses, None for the best weights.
    """

    def __init__(
        self, parent: tk.Misc, theme: Theme, on_epoch: Callable[[int | None], None]
    ) -> None:
        super().__init__(parent)
        self._on_epoch = on_epoch
        self._stops: list[int | None] = [None]
        self._at = 0
        self._timer: str | None = None
        self.play_button = text_button(self, _PLAY, self.play)
        self.play_button.configure(width=8)
        self.play_button.pack(side=tk.LEFT, padx=theme.px(12))
        self._label = ttk.Label(self, width=14, style="Caption.TLabel", anchor=tk.E)
        self._label.pack(side=tk.RIGHT, padx=theme.px(12))
        self.slider = ttk.Scale(
            self, command=lambda at: self._go(round(float(at))), takefocus=False
        )
        self.slider.pack(side=tk.LEFT, fill=tk.X, expand=True, pady=theme.px(4))

    @property
    def shown(self) -> str:
        """The name of the stop that is shown."""
        return str(self._label.cget("text"))

    def show(self, epochs: Sequence[int], epoch: int | None) -> None:
        """Shows the epochs of a run, and which of them is loaded.

        Playing ends if that is not the epoch that was asked for.
        """
        if epoch != self._stops[self._at]:
            self.stop()
        self._stops = [*epochs, None]
        self._at = self._stops.index(epoch) if epoch in self._stops else len(epochs)
        if not epochs:
            self.stop()
            self.pack_forget()
            return
        self.pack(side=tk.BOTTOM, fill=tk.X)
        self.slider.configure(to=len(epochs), value=self._at)
        self._show_stop()

    def step(self, by: int) -> None:
        """Moves by that many stops, up to the first or the last."""
        self._go(min(max(self._at + by, 0), len(self._stops) - 1))

    def play(self) -> None:
        """Plays from the first epoch to the best weights; while it plays, stops."""
        if self._timer is not None:
            self.stop()
        elif len(self._stops) > 1:
            self.play_button.configure(text="■ stop")
            self._go(0)
            self._timer = self.after(_PACE, self._next)

    def stop(self) -> None:
        """Stops playing."""
        if self._timer is not None:
            self.after_cancel(self._timer)
            self._timer = None
            self.play_button.configure(text=_PLAY)

    def destroy(self) -> None:
        """Stops playing and removes the widget."""
        self.stop()
        super().destroy()

    def _next(self) -> None:
        self.step(1)
        if self._at == len(self._stops) - 1:
            self.stop()
        else:
            self._timer = self.after(_PACE, self._next)

    def _go(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self.slider.set(at)
            self._show_stop()
            self._on_epoch(self._stops[at])

    def _show_stop(self) -> None:
        epoch = self._stops[self._at]
        last = len(self._stops) - 1
        self._label.configure(text="best weights" if epoch is None else f"epoch {epoch} of {last}")
