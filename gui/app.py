"""The window: panels side by side, and the one path from ink to prediction that joins them."""

import tkinter as tk
from concurrent.futures import Future, ThreadPoolExecutor
from tkinter import ttk
from typing import TYPE_CHECKING, TypeAlias

from gui import theme
from gui.canvas import DrawingCanvas
from gui.network_view import NetworkView
from gui.panels import button, frame, heading
from gui.pixel_view import PixelView
from gui.preprocessing import from_raster
from gui.probability_bars import ProbabilityBars, percent
from gui.recognizer import Recognizer
from gui.run_picker import RunPicker
from gui.verdict import Verdict

if TYPE_CHECKING:  # mlflow takes more than a second to import: the window doesn't wait for it
    from experiments.tracking import RunStore, RunSummary

    Listing: TypeAlias = tuple[RunStore, list[RunSummary]]

NAME = "nnscratch"
NETWORK_SIZE = (620, 482)


class App:
    """The window on ``root`` for one recognizer, which the run picker may replace.

    ``source`` says in a few words where the recognizer comes from; ``run_id`` is its
    run, if it is one of those in the run store.
    """

    def __init__(
        self,
        root: tk.Tk | tk.Toplevel,
        recognizer: Recognizer,
        source: str,
        run_id: str | None = None,
    ) -> None:
        self.root = root
        self.recognizer = recognizer
        self.run_id = run_id
        self._store: RunStore | None = None
        self._runs: dict[str, RunSummary] = {}
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="runs")
        theme.apply(root)
        self._build(root)
        self.source.configure(text=source)
        self.picker.mark(run_id)
        root.title(NAME)
        root.update_idletasks()
        root.minsize(root.winfo_reqwidth(), root.winfo_reqheight())
        root.bind("<Escape>", lambda _event: self.canvas.clear())
        root.bind("<Control-q>", lambda _event: root.destroy())
        self.refresh()

    # --- from ink to prediction -----------------------------------------------------------

    def recognize(self) -> None:
        """Shows what the network makes of the drawing; of an empty canvas, nothing."""
        image = from_raster(self.canvas.raster)
        prediction = None if self.canvas.empty else self.recognizer.recognize(image)
        self.pixels.show(image)
        self.network.show(image, prediction)
        self.verdict.show(prediction)
        self.bars.show(None if prediction is None else prediction.probabilities)
        # The title carries the answer too: it is what a screen reader speaks.
        answer = prediction and f" — {prediction.digit} ({percent(prediction.confidence)})"
        self.root.title(NAME + (answer or ""))

    def close(self) -> None:
        """Waits for the background work, which must not outlive Tk: Tcl aborts if it does."""
        self._worker.shutdown(cancel_futures=True)

    # --- runs -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Reads the list of runs again, in the background."""
        self._refresh.state(["disabled"])
        self._say("reading the runs …")
        self._await(self._worker.submit(_list_runs))

    def choose(self, run_id: str) -> None:
        """Changes to the network of another run; if it can't be had, says why and stays."""
        from experiments.tracking import RunStoreError

        assert self._store is not None  # there was a list to choose from
        run = self._runs[run_id]
        try:
            recognizer = Recognizer.from_checkpoint(self._store.checkpoint(run_id))
        except (RunStoreError, ValueError) as error:
            self._say(f"{run.name}: {error}", error=True)
            self.picker.mark(self.run_id)
            return
        self.run_id, self.recognizer = run_id, recognizer
        self.source.configure(text=describe(run))
        self._say("")
        self.picker.mark(run_id)
        self.network.use(recognizer.network)
        self.recognize()

    def _await(self, listing: "Future[Listing]") -> None:
        if listing.done():
            self._list(listing)
        else:
            self.root.after(50, self._await, listing)

    def _list(self, listing: "Future[Listing]") -> None:
        from experiments.tracking import RunStoreError

        self._refresh.state(["!disabled"])
        try:
            self._store, runs = listing.result()
        except RunStoreError as error:
            self._say(str(error))
            return
        self._runs = {run.run_id: run for run in runs}
        self._say("")
        self.picker.show(runs)

    def _say(self, message: str, *, error: bool = False) -> None:
        style = "Error.TLabel" if error else "Caption.TLabel"
        self.message.configure(text=message, style=style)

    # --- the panels -----------------------------------------------------------------------

    def _build(self, root: tk.Tk | tk.Toplevel) -> None:
        window = ttk.Frame(root, padding=theme.GAP)
        window.pack(fill=tk.BOTH, expand=True)
        window.columnconfigure(2, weight=1)
        window.rowconfigure(5, weight=1)

        draw = heading(window, "Draw", row=0, column=0)
        heading(window, "What the network sees", row=0, column=1)
        network = heading(window, "The network", row=0, column=2)
        heading(window, "Prediction", row=2, column=0)
        heading(window, "Probabilities", row=2, column=1)
        runs = heading(window, "Runs", row=4, column=0, columnspan=3, height=36)

        self.canvas = DrawingCanvas(frame(window, row=1, column=0), self.recognize)
        self.pixels = PixelView(frame(window, row=1, column=1))
        self.network = NetworkView(
            frame(window, row=1, column=2, rowspan=3), self.recognizer.network, NETWORK_SIZE
        )
        self.verdict = Verdict(frame(window, row=3, column=0))
        self.bars = ProbabilityBars(frame(window, row=3, column=1))
        self.picker = RunPicker(frame(window, row=5, column=0, columnspan=3), self.choose)
        for panel in (self.canvas, self.pixels, self.verdict, self.bars):
            panel.pack()
        for panel in (self.network, self.picker):  # these grow with the window
            panel.pack(fill=tk.BOTH, expand=True)

        self.clear = button(draw, "Clear  (Esc)", self.canvas.clear)
        for sign in ("Positive", "Negative"):
            legend = ttk.Label(network, text=f"● {sign.lower()}", style=f"{sign}.TLabel")
            legend.pack(side=tk.LEFT, padx=(theme.GAP, 0))
        self.source = ttk.Label(network, style="Caption.TLabel")
        self.source.pack(side=tk.RIGHT)
        self._refresh = button(runs, "Refresh", self.refresh)
        self.message = ttk.Label(runs, style="Caption.TLabel", wraplength=1000)
        self.message.pack(side=tk.LEFT, padx=theme.GAP)


def describe(run: "RunSummary") -> str:
    """A run in a few words."""
    return f"{run.name} · {run.run_id[:8]}"


def _list_runs() -> "Listing":
    from experiments.tracking import RunStore

    store = RunStore()
    return store, store.runs()
