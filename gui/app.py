"""The window: its panels, and the one path from the drawing to the prediction."""

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tkinter import filedialog, ttk

from PIL import Image

from gui import layout, shortcuts
from gui.drawing.brush import BrushControl
from gui.drawing.canvas import DrawingCanvas
from gui.help_sheet import HelpSheet
from gui.input.network_input import NetworkInput
from gui.input.panel import InputPanel
from gui.input.pixels import SIZE
from gui.prediction.bars import percent
from gui.prediction.panel import PredictionPanel
from gui.runs.find_field import FindField
from gui.runs.library import RunLibrary
from gui.runs.loaded_network import LoadedNetwork
from gui.runs.loader import RunLoader
from gui.runs.picker import RunPicker
from gui.runs.shown_networks import ShownNetworks
from gui.style import snapshot, ttk_styles
from gui.style.message_line import MessageLine
from gui.style.panels import heading_button
from gui.style.tabs import Tabs
from gui.style.theme import GAP, Theme
from gui.teaching.corrections import Corrections
from gui.teaching.teacher import Teacher
from gui.test_images.gallery import TestImage
from gui.test_images.loader import TestImageLoader
from gui.test_images.view import GalleryView

NAME = "nnscratch"
RUNS, TEST_IMAGES = "Runs", "Test images"  # the tabs at the bottom


class App:
    """The window on ``root``, with one network or two.

    ``drawings``: the folder of the labelled drawings.
    """

    def __init__(
        self,
        root: tk.Tk | tk.Toplevel,
        networks: Sequence[LoadedNetwork],
        library: RunLibrary,
        theme: Theme,
        drawings: Path,
    ) -> None:
        self.root, self.theme = root, theme
        self.input = NetworkInput()
        self.help_sheet: HelpSheet | None = None
        self.runs = RunLoader(root, library, lambda rows: self.picker.show(rows), self._say)
        self.networks = ShownNetworks(
            self.runs,
            networks,
            say=self._say,
            on_change=self._use_network,
            on_compare=self._rearrange,
        )
        self.test_images = TestImageLoader(root)
        self.teacher = Teacher(root, drawings)
        self.corrections = Corrections(
            self.teacher, self.input, self.networks, say=self._say, on_count=self._show_count
        )
        root.title(NAME)
        self._build(RUNS if len(networks) == 1 else "")
        root.update_idletasks()
        root.minsize(root.winfo_reqwidth(), root.winfo_reqheight())
        shortcuts.bind(root, self._actions())
        self.runs.refresh()

    def close(self) -> None:
        """Waits for the work in the background. It must not outlive Tk, because Tcl would abort."""
        parts = (self.runs, self.test_images, self.teacher)
        for part in parts:
            part.background.cancel()
        for part in parts:
            part.close()

    # --- from the drawing to the prediction -----------------------------------------------

    def recognize(self) -> None:
        """Shows the predictions for the input; nothing if there is no input."""
        image, hint = self.input.image, self.input.hint
        for panel in self.panels:
            panel.show(image, hint)
        self.input_panel.show(self.networks.now[0].recognizer, self.panels[0].prediction)
        # The predictions are in the title too, because screen readers speak it.
        predictions = [panel.prediction for panel in self.panels if panel.prediction is not None]
        answers = [f"{found.digit} ({percent(found.confidence)})" for found in predictions]
        self.root.title(f"{NAME} — {' | '.join(answers)}" if answers else NAME)

    # --- what keys and buttons do ---------------------------------------------------------

    def _actions(self) -> Mapping[str, Callable[[], object]]:
        return {
            "undo": lambda: self.canvas.undo(),
            "redo": lambda: self.canvas.redo(),
            "clear": self.clear,
            "thinner": lambda: self.brush.step(-2),
            "thicker": lambda: self.brush.step(2),
            "save": self._ask_where_to_save,
            "why": lambda: self.input_panel.toggle("why"),
            "steps": lambda: self.input_panel.toggle("steps"),
            "pipeline": lambda: self.input_panel.toggle_pipeline(),
            "earlier": lambda: self._change_epoch(-1),
            "later": lambda: self._change_epoch(1),
            "play": lambda: [panel.epochs.play() for panel in self.panels],
            "previous": lambda: self._browse(-1),
            "next": lambda: self._browse(1),
            **{f"label {digit}": partial(self.corrections.label, digit) for digit in range(10)},
            "forget": self.corrections.forget,
            "teach": self.corrections.teach,
            "back": self.networks.go_back,
            "compare": self.networks.toggle_compare,
            "find": lambda: self.find_field.focus_set(),
            "refresh": self.runs.refresh,
            "help": self.toggle_help,
            "light": self.toggle_light,
            "quit": self.root.destroy,
        }

    def clear(self) -> None:
        """Closes the help sheet if it is open; otherwise clears the canvas."""
        if self.help_sheet is not None:
            self.toggle_help()
            return
        self.input.test_image = None
        self.canvas.show_placeholder(None)
        self.canvas.clear()

    def toggle_help(self) -> None:
        """Opens the sheet of keys, or closes it."""
        if self.help_sheet is None:
            self.help_sheet = HelpSheet(self.root, self.theme, self._help_closed)
        else:
            self.help_sheet.destroy()

    def _help_closed(self) -> None:
        self.help_sheet = None

    def toggle_light(self) -> None:
        """Changes from dark to light, or back."""
        self.theme = self.theme.other()
        self._rebuild(self.tabs.shown)

    def save(self, file: Path) -> None:
        """Saves a picture of the drawing, the input, and the networks."""
        size = (SIZE, SIZE)
        pictures = [
            picture.convert("RGB").resize(size, Image.Resampling.NEAREST)
            for picture in (self.input.original, self.input_panel.picture)
        ]
        pictures += [panel.network.picture.paint(panel.prediction) for panel in self.panels]
        try:
            snapshot.save(snapshot.side_by_side(pictures, self.theme.palette.background), file)
        except OSError as error:
            self._say(f"{file} can't be written: {error.strerror or error}", True)
        else:
            self._say(f"saved {file}", False)

    def _ask_where_to_save(self) -> None:
        prediction = self.panels[0].prediction
        name = "drawing.png" if prediction is None else f"digit_{prediction.digit}.png"
        file = filedialog.asksaveasfilename(
            parent=self.root,
            initialfile=name,
            defaultextension=".png",
            filetypes=[("PNG picture", "*.png")],
        )
        if file:
            self.save(Path(file))

    def _change_epoch(self, by: int) -> None:
        for panel in self.panels:
            panel.epochs.step(by)

    def _browse(self, by: int) -> None:
        if self.tabs.shown != TEST_IMAGES:
            self.tabs.show(TEST_IMAGES)
        self.gallery.step(by)

    # --- what other parts report ----------------------------------------------------------

    def _say(self, message: str, error: bool) -> None:
        self.message.say(message, error)

    def _show_count(self, drawings: int) -> None:
        self.teach_button.configure(text=f"Teach ({drawings})")

    def _use_network(self, side: int) -> None:
        self.panels[side].use(self.networks.now[side])
        if side == 0:
            self.picker.mark(self.networks.now[0].run_id)
            self._tab_shown(self.tabs.shown)
        self.recognize()

    def _rearrange(self) -> None:
        self._rebuild(RUNS if len(self.networks.now) == 1 else "")

    def _tab_shown(self, name: str) -> None:
        if name == TEST_IMAGES:
            gallery = self.gallery
            gallery.show(None, "reading the test images …")
            self.test_images.show(
                self.networks.now[0], gallery.show, lambda reason: gallery.show(None, reason)
            )

    def _show_test_image(self, test_image: TestImage) -> None:
        self.input.test_image = test_image
        self.input.drawing.clear()  # undo restores it
        self.canvas.show_placeholder(self.input.original)
        self.recognize()

    # --- the panels -----------------------------------------------------------------------

    def _rebuild(self, tab: str) -> None:
        width, said = self.canvas.width, self.message.said
        words, (column, descending) = self.find_field.get(), self.picker.order
        helped = self.help_sheet is not None
        if helped:
            self.toggle_help()
        self.root.focus_set()  # otherwise keys would go to panels that no longer exist
        self._window.destroy()
        self._build(tab)
        self.brush.set(width)
        self._say(*said)
        self.find_field.insert(0, words)
        self.picker.arrange(column, descending=descending)
        if helped:  # above the new panels, in their colours
            self.toggle_help()

    def _build(self, tab: str) -> None:
        ttk_styles.apply(self.root, self.theme)
        self._window = ttk.Frame(self.root, padding=self.theme.px(GAP))
        self._window.pack(fill=tk.BOTH, expand=True)
        places = layout.arrange(self._window, self.theme, compare=len(self.networks.now) == 2)
        self._build_drawing(places)
        self._build_input(places)
        self._build_predictions(places)
        self._build_bottom(places)
        self.picker.show(self.runs.rows)
        self.picker.mark(self.networks.now[0].run_id)
        self.tabs.show(tab)
        self.corrections.count()
        if self.input.test_image is not None:
            self._show_test_image(self.input.test_image)
        self.recognize()

    def _build_drawing(self, places: layout.Layout) -> None:
        line, theme = places.draw_line, self.theme
        self.canvas = DrawingCanvas(places.draw, theme, self.input.drawing, self.recognize)
        self.canvas.pack(anchor=tk.N)
        self.clear_button = heading_button(line, "Clear", self.clear)
        heading_button(line, "↷", lambda: self.canvas.redo())
        heading_button(line, "↶", lambda: self.canvas.undo())
        self.brush = BrushControl(line, theme, self.canvas)
        self.brush.pack(side=tk.RIGHT)

    def _build_input(self, places: layout.Layout) -> None:
        recognizer = self.networks.now[0].recognizer
        self.input_panel = InputPanel(
            places.input_line, places.input, self.theme, self.input, recognizer, self.recognize
        )

    def _build_predictions(self, places: layout.Layout) -> None:
        shown = zip(places.predictions, self.networks.now, strict=True)
        self.panels = [
            PredictionPanel(place, self.theme, loaded, partial(self.networks.choose_epoch, side))
            for side, (place, loaded) in enumerate(shown)
        ]

    def _build_bottom(self, places: layout.Layout) -> None:
        line, body, theme = places.bottom_line, places.bottom, self.theme
        heading_button(line, "Keys (F1)", self.toggle_help)
        heading_button(line, "Refresh", self.runs.refresh)
        self.teach_button = heading_button(line, "Teach", self.corrections.teach)
        self.tabs = Tabs(line, body, theme, self._tab_shown)
        self.picker = RunPicker(body, theme, self.networks.choose)
        self.gallery = GalleryView(body, theme, self._show_test_image)
        self.tabs.add(RUNS, self.picker)
        self.tabs.add(TEST_IMAGES, self.gallery)
        self.find_field = FindField(
            line,
            theme,
            on_words=self.picker.filter,
            on_enter=lambda: self.tabs.show(RUNS),
            on_leave=self.canvas.focus_set,
        )
        self.find_field.pack(side=tk.RIGHT, padx=(theme.px(8), 0))
        ttk.Label(line, text="find", style="Caption.TLabel").pack(side=tk.RIGHT)
        self.message = MessageLine(line, theme)
        self.message.pack(side=tk.LEFT, padx=theme.px(GAP))
