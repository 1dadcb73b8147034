"""The window: panels side by side, and the one path from ink to prediction that joins them."""

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tkinter import filedialog, ttk

from PIL import Image

from gui import layout, shortcuts
from gui.bottom_panel import IMAGES, RUNS, BottomPanel
from gui.drawing.brush import BrushControl
from gui.drawing.canvas import DrawingCanvas
from gui.help_sheet import HelpSheet
from gui.input.panel import SeenPanel
from gui.input.pixels import SIZE
from gui.input.source import Subject
from gui.prediction.bars import percent
from gui.prediction.panel import ReaderPanel
from gui.prediction.reader import Reader
from gui.prediction.readers import Readers
from gui.preprocessing import BRUSH, CANVAS
from gui.runs.library import RunLibrary
from gui.runs.loader import Runs
from gui.runs.table import RunRow
from gui.style import snapshot, theme
from gui.style.panels import button
from gui.style.theme import Look
from gui.teaching.corrections import Corrections
from gui.teaching.teacher import Teacher
from gui.test_images.gallery import Exhibit
from gui.test_images.loader import Images

NAME = "nnscratch"


class App:
    """The window on ``root``: one reader, which the run picker may replace, or two.

    ``drawings``: the folder of the drawings that one has labelled.
    """

    def __init__(
        self,
        root: tk.Tk | tk.Toplevel,
        readers: Sequence[Reader],
        library: RunLibrary,
        look: Look,
        drawings: Path,
    ) -> None:
        self.root, self.look = root, look
        self.subject = Subject()
        self.help_sheet: HelpSheet | None = None
        self.runs = Runs(root, library, self._list, self._say)
        self.readers = Readers(
            self.runs,
            readers,
            say=self._say,
            seat=self._seat,
            rearrange=self._rearrange,
            mark=self._mark,
        )
        self.images = Images(root)
        self.teacher = Teacher(root, drawings)
        self.corrections = Corrections(
            self.teacher, self.subject, self.readers, say=self._say, count=self._count
        )
        root.title(NAME)
        self._build(RUNS if len(readers) == 1 else "")
        root.update_idletasks()
        root.minsize(root.winfo_reqwidth(), root.winfo_reqheight())
        shortcuts.bind(root, self._actions())
        self.runs.refresh()

    def close(self) -> None:
        """Waits for the background work, which must not outlive Tk: Tcl aborts if it does."""
        self.runs.close()
        self.images.close()
        self.teacher.close()

    # --- from ink to prediction -----------------------------------------------------------

    def recognize(self) -> None:
        """Shows what the network makes of the drawing; of an empty canvas, nothing."""
        image, hint = self.subject.image, self.subject.hint
        for panel in self.panels:
            panel.show(image, hint)
        self.seen.show(self.readers.now[0], self.panels[0].prediction)
        # The title carries the answer too: it is what a screen reader speaks.
        answers = [panel.prediction for panel in self.panels if panel.prediction is not None]
        words = [f"{answer.digit} ({percent(answer.confidence)})" for answer in answers]
        self.root.title(f"{NAME} — {' | '.join(words)}" if words else NAME)

    # --- what a key or a button does ------------------------------------------------------

    def _actions(self) -> Mapping[str, Callable[[], object]]:
        return {
            "undo": lambda: self.canvas.undo(),
            "redo": lambda: self.canvas.redo(),
            "clear": self.clear,
            "thinner": lambda: self.brush.step(-2),
            "thicker": lambda: self.brush.step(2),
            "save": self._ask_where_to_save,
            "why": lambda: self.seen.toggle_why(),
            "steps": lambda: self.seen.toggle_steps(),
            "pipeline": lambda: self.seen.toggle_pipeline(),
            "earlier": lambda: self._scrub(-1),
            "later": lambda: self._scrub(1),
            "play": lambda: [panel.scrubber.play() for panel in self.panels],
            "previous": lambda: self.bottom.browse(-1),
            "next": lambda: self.bottom.browse(1),
            **{f"label {digit}": partial(self.corrections.label, digit) for digit in range(10)},
            "forget": self.corrections.forget,
            "teach": self.corrections.teach,
            "back": self.readers.go_back,
            "compare": self.readers.toggle_compare,
            "find": lambda: self.bottom.find(),
            "refresh": self.runs.refresh,
            "help": self.toggle_help,
            "light": self.toggle_light,
            "quit": self.root.destroy,
        }

    def clear(self) -> None:
        """An empty canvas; closes the help sheet if it is open."""
        if self.help_sheet is not None:
            self.toggle_help()
            return
        self.subject.exhibit = None
        self.canvas.show_ghost(None)
        self.canvas.clear()

    def toggle_help(self) -> None:
        """Opens the sheet of keys, or closes it."""
        if self.help_sheet is None:
            self.help_sheet = HelpSheet(self.root, self.look, self._help_closed)
        else:
            self.help_sheet.destroy()

    def _help_closed(self) -> None:
        self.help_sheet = None

    def toggle_light(self) -> None:
        """Light instead of dark, or the other way round."""
        self.look = self.look.other()
        self._rebuild(self.bottom.tabs.shown)

    def save(self, file: Path) -> None:
        """Saves a picture of the drawing, what is seen of it, and the network."""
        size = (SIZE, SIZE)
        pictures = [
            picture.convert("RGB").resize(size, Image.Resampling.NEAREST)
            for picture in (self.subject.drawn, self.seen.picture)
        ]
        pictures += [panel.network.picture.paint(panel.prediction) for panel in self.panels]
        try:
            snapshot.save(snapshot.side_by_side(pictures, self.look.palette.background), file)
        except OSError as error:
            self._say(f"{file} can't be written: {error.strerror or error}", True)
        else:
            self._say(f"saved {file}", False)

    def _ask_where_to_save(self) -> None:
        answer = self.panels[0].prediction
        name = "drawing.png" if answer is None else f"digit_{answer.digit}.png"
        file = filedialog.asksaveasfilename(
            parent=self.root,
            initialfile=name,
            defaultextension=".png",
            filetypes=[("PNG picture", "*.png")],
        )
        if file:
            self.save(Path(file))

    def _scrub(self, by: int) -> None:
        for panel in self.panels:
            panel.scrubber.step(by)

    # --- what comes from elsewhere and is to be shown -------------------------------------

    def _say(self, message: str, error: bool) -> None:
        self.bottom.say(message, error)

    def _count(self, drawings: int) -> None:
        self.teach_button.configure(text=f"Teach ({drawings})")

    def _list(self, rows: Sequence[RunRow]) -> None:
        self.bottom.picker.show(rows)

    def _mark(self, run_id: str | None) -> None:
        self.bottom.picker.mark(run_id)

    def _seat(self, side: int) -> None:
        self.panels[side].use(self.readers.now[side])
        if side == 0:
            self._tab_shown(self.bottom.tabs.shown)
        self.recognize()

    def _rearrange(self) -> None:
        self._rebuild(RUNS if len(self.readers.now) == 1 else "")

    def _tab_shown(self, name: str) -> None:
        if name == IMAGES:
            gallery = self.bottom.gallery
            gallery.show(None, "reading the test images …")
            self.images.show(
                self.readers.now[0], gallery.show, lambda reason: gallery.show(None, reason)
            )

    def _exhibit(self, exhibit: Exhibit) -> None:
        self.subject.exhibit = exhibit
        self.subject.drawing.clear()  # can be taken back
        side = self.look.px(CANVAS)
        self.canvas.show_ghost(self.subject.drawn.resize((side, side), Image.Resampling.BICUBIC))
        self.recognize()

    # --- the panels -----------------------------------------------------------------------

    def _rebuild(self, tab: str) -> None:
        width, said = self.brush.width, self.bottom.said
        words, (column, falling) = self.bottom.filter.get(), self.bottom.picker.order
        helped = self.help_sheet is not None
        if helped:
            self.toggle_help()
        self.root.focus_set()  # or what is typed meanwhile goes to panels that are gone
        self._window.destroy()
        self._build(tab, width)
        self._say(*said)
        self.bottom.filter.insert(0, words)
        self.bottom.picker.arrange(column, falling=falling)
        if helped:  # above the new panels, and in their colours
            self.toggle_help()

    def _build(self, tab: str, width: float = BRUSH) -> None:
        readers, look = self.readers.now, self.look
        theme.apply(self.root, look)
        self._window = ttk.Frame(self.root, padding=look.px(theme.GAP))
        self._window.pack(fill=tk.BOTH, expand=True)
        arrange = layout.alone if len(readers) == 1 else layout.versus
        places = arrange(self._window, look)
        self.canvas = DrawingCanvas(
            places.draw, look, self.subject.drawing, self.recognize, width=width
        )
        self.canvas.pack(anchor=tk.N)
        self.seen = SeenPanel(
            places.seen_line, places.seen, look, self.subject, readers[0], self.recognize
        )
        self.panels = [
            ReaderPanel(place, look, reader, partial(self.readers.go_to, side))
            for side, (place, reader) in enumerate(zip(places.readers, readers, strict=True))
        ]
        self._build_controls(places)
        self._build_bottom(places)
        self.bottom.picker.show(self.runs.rows)
        self.bottom.picker.mark(readers[0].run_id)
        self.bottom.tabs.show(tab)
        self.corrections.count()
        if self.subject.exhibit is not None:
            self._exhibit(self.subject.exhibit)
        self.recognize()

    def _build_controls(self, places: layout.Layout) -> None:
        self.clear_button = button(places.draw_line, "Clear", self.clear)
        button(places.draw_line, "↷", lambda: self.canvas.redo())
        button(places.draw_line, "↶", lambda: self.canvas.undo())
        self.brush = BrushControl(
            places.draw_line, self.look, self.canvas.width, self._brush_changed
        )
        self.brush.pack(side=tk.RIGHT)

    def _brush_changed(self, width: float) -> None:
        self.canvas.width = width

    def _build_bottom(self, places: layout.Layout) -> None:
        line = places.bottom_line
        button(line, "Keys (F1)", self.toggle_help)
        button(line, "Refresh", self.runs.refresh)
        self.teach_button = button(line, "Teach", self.corrections.teach)
        self.bottom = BottomPanel(
            line,
            places.bottom,
            self.look,
            on_run=self.readers.choose,
            on_exhibit=self._exhibit,
            on_tab=self._tab_shown,
            on_leave=self.canvas.focus_set,
        )
