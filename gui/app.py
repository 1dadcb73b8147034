"""The window: panels side by side, and the one path from ink to prediction that joins them."""

import tkinter as tk
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tkinter import filedialog, ttk

from PIL import Image

from gui import layout, shortcuts, snapshot, theme
from gui.background import Unavailable
from gui.brush import BrushControl
from gui.canvas import DrawingCanvas
from gui.gallery import Exhibit
from gui.gallery_view import GalleryView
from gui.help_sheet import HelpSheet
from gui.images import Images
from gui.panels import button, switch
from gui.pixel_view import SIZE, PixelView
from gui.preprocessing import BRUSH, CANVAS
from gui.probability_bars import percent
from gui.reader import Reader
from gui.reader_panel import ReaderPanel
from gui.run_library import RunLibrary
from gui.run_picker import RunPicker
from gui.run_table import RunRow
from gui.runs import Runs
from gui.subject import Subject
from gui.tabs import Tabs
from gui.teacher import Lesson, Teacher
from gui.theme import Look

NAME = "nnscratch"
RUNS, IMAGES = "Runs", "Test images"


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
        self.images = Images(root)
        self.teacher = Teacher(root, drawings)
        self.before: Reader | None = None  # who read before the present reader
        root.title(NAME)
        self._build(readers, RUNS if len(readers) == 1 else "")
        root.update_idletasks()
        root.minsize(root.winfo_reqwidth(), root.winfo_reqheight())
        shortcuts.bind(root, self._actions())
        self.runs.refresh()

    # --- from ink to prediction -----------------------------------------------------------

    def recognize(self) -> None:
        """Shows what the network makes of the drawing; of an empty canvas, nothing."""
        image, hint = self.subject.image, self.subject.hint
        for panel in self.panels:
            panel.show(image, hint)
        self._show_seen()
        # The title carries the answer too: it is what a screen reader speaks.
        answers = [panel.prediction for panel in self.panels if panel.prediction is not None]
        words = [f"{answer.digit} ({percent(answer.confidence)})" for answer in answers]
        self.root.title(f"{NAME} — {' | '.join(words)}" if words else NAME)

    def _show_seen(self) -> None:
        self.pixels.show(self._seen())

    def _seen(self) -> Image.Image:
        first, look = self.panels[0], self.look
        return self.subject.seen(first.reader, first.prediction, look.px(SIZE), look.scale)

    # --- what a key or a button does ----------------------------------------------------------

    def _actions(self) -> Mapping[str, Callable[[], object]]:
        return {
            "undo": lambda: self.canvas.undo(),
            "redo": lambda: self.canvas.redo(),
            "clear": self.clear,
            "thinner": lambda: self.brush.step(-2),
            "thicker": lambda: self.brush.step(2),
            "save": self._ask_where_to_save,
            "why": self.toggle_why,
            "steps": self.toggle_steps,
            "pipeline": self.toggle_pipeline,
            "earlier": lambda: self._scrub(-1),
            "later": lambda: self._scrub(1),
            "play": lambda: [panel.scrubber.play() for panel in self.panels],
            "previous": lambda: self._browse(-1),
            "next": lambda: self._browse(1),
            "forget": self.forget,
            "teach": self.teach,
            "back": self.go_back,
            "compare": self.toggle_compare,
            "find": self._find,
            "refresh": self.runs.refresh,
            "help": self.toggle_help,
            "light": self.toggle_light,
            "quit": self.root.destroy,
            **{f"label {digit}": partial(self.label, digit) for digit in range(10)},
        }

    def clear(self) -> None:
        """An empty canvas; closes the help sheet if it is open."""
        if self.help_sheet is not None:
            self.toggle_help()
            return
        self.subject.exhibit = None
        self.canvas.show_ghost(None)
        self.canvas.clear()

    def _brush_changed(self, width: float) -> None:
        self.canvas.width = width

    def toggle_why(self) -> None:
        """Colours what the network sees by what speaks for its answer, or no longer."""
        self.subject.toggle_why()
        self._show_switches()
        self._show_seen()

    def toggle_steps(self) -> None:
        """Shows how the drawing becomes what the network sees, or no longer."""
        self.subject.toggle_steps()
        self._show_switches()
        self._show_seen()

    def toggle_pipeline(self) -> None:
        """From re-drawn strokes to the published pixels, or back."""
        self.subject.toggle_pipeline()
        self._show_switches()
        self.recognize()

    def _show_switches(self) -> None:
        switch(self._why_button, on=self.subject.why)
        switch(self._steps_button, on=self.subject.steps)
        self._pipeline_button.configure(text=self.subject.pipeline.name)

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
        self._rebuild([panel.reader for panel in self.panels], self.tabs.shown)

    def save(self, file: Path) -> None:
        """Saves a picture of the drawing, what is seen of it, and the network."""
        size = (SIZE, SIZE)
        pictures = [
            picture.convert("RGB").resize(size, Image.Resampling.NEAREST)
            for picture in (self.subject.drawn, self._seen())
        ]
        pictures += [p.network.picture.paint(p.prediction) for p in self.panels]
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

    def _browse(self, by: int) -> None:
        if self.tabs.shown != IMAGES:
            self.tabs.show(IMAGES)
        self.gallery.step(by)

    def _find(self) -> None:
        self.tabs.show(RUNS)
        self.filter.focus_set()

    # --- teaching -------------------------------------------------------------------------

    def label(self, digit: int) -> None:
        """Keeps the drawing as what it was meant to be."""
        if self.subject.drawing.empty:
            self._say(f"draw the {digit} first, then press {digit}", False)
            return
        try:
            self.teacher.keep(self.subject.drawing.paths, digit, self.panels[0].reader.run_id)
        except Unavailable as error:
            self._say(str(error), True)
        else:
            self._say(f"kept as {digit}; Backspace takes it back", False)
        self._count_drawings()

    def forget(self) -> None:
        """Removes the drawing that was kept last."""
        self._say("the last drawing is forgotten" if self.teacher.forget() else "", False)
        self._count_drawings()

    def teach(self) -> None:
        """Tunes the loaded network on the drawings kept, and changes to what became of it."""

        def taught(lesson: Lesson) -> None:
            self._open(0, lesson.run_id, None, f"{lesson.words}; B goes back, C compares")

        self._say("teaching …", False)
        self.teacher.teach(self.panels[0].reader, taught, lambda reason: self._say(reason, True))

    def _count_drawings(self) -> None:
        try:
            self.teach_button.configure(text=f"Teach ({self.teacher.drawings})")
        except Unavailable as error:
            self._say(str(error), True)

    # --- runs and test images --------------------------------------------------------------

    def choose(self, run_id: str, side: int = 0) -> None:
        """Changes to the network of another run; if it can't be had, says why and stays."""
        self._open(side, run_id, None)

    def go_back(self) -> None:
        """To the network that read before, and forth again."""
        if self.before is not None:
            self._use(0, self.before)

    def toggle_compare(self) -> None:
        """Sets the network that read before beside the present one, or takes it away."""
        first, *others = (panel.reader for panel in self.panels)
        if others:
            self.before = others[0]
            self._rebuild([first], RUNS)
        elif self.before is None:
            self._say("choose another run first: then C sets the one before beside it", False)
        else:
            self._rebuild([first, self.before], "")

    def _open(self, side: int, run_id: str, epoch: int | None, words: str = "") -> None:
        def opened(reader: Reader) -> None:
            self._say(words, False)
            self._use(side, reader)

        def failed(reason: str) -> None:
            self._say(reason, True)
            self.picker.mark(self.panels[0].reader.run_id)

        self.runs.open(side, run_id, epoch, opened, failed)

    def _use(self, side: int, reader: Reader) -> None:
        if side == 0:
            if reader.run_id != self.panels[0].reader.run_id:
                self.before = self.panels[0].reader
            self.picker.mark(reader.run_id)
        self.panels[side].use(reader)
        if side == 0:
            self._tab_shown(self.tabs.shown)
        self.recognize()

    def _list(self, rows: Sequence[RunRow]) -> None:
        self.picker.show(rows)

    def _tab_shown(self, name: str) -> None:
        if name == IMAGES:
            self.gallery.show(None, "reading the test images …")
            self.images.show(
                self.panels[0].reader,
                self.gallery.show,
                lambda reason: self.gallery.show(None, reason),
            )

    def _exhibit(self, exhibit: Exhibit) -> None:
        self.subject.exhibit = exhibit
        self.subject.drawing.clear()  # can be taken back
        side = self.look.px(CANVAS)
        self.canvas.show_ghost(self.subject.drawn.resize((side, side), Image.Resampling.BICUBIC))
        self.recognize()

    def _say(self, message: str, error: bool) -> None:
        style = "Error.TLabel" if error else "Caption.TLabel"
        self.message.configure(text=message, style=style)

    def close(self) -> None:
        """Waits for the background work, which must not outlive Tk: Tcl aborts if it does."""
        self.runs.close()
        self.images.close()
        self.teacher.close()

    # --- the panels -----------------------------------------------------------------------

    def _rebuild(self, readers: Sequence[Reader], tab: str) -> None:
        width = self.brush.width
        words, style = self.message.cget("text"), str(self.message.cget("style"))
        self.root.focus_set()  # or what is typed meanwhile goes to panels that are gone
        self._window.destroy()
        self._build(readers, tab, width)
        self._say(words, style == "Error.TLabel")

    def _build(self, readers: Sequence[Reader], tab: str, width: float = BRUSH) -> None:
        look = self.look
        theme.apply(self.root, look)
        self._window = ttk.Frame(self.root, padding=look.px(theme.GAP))
        self._window.pack(fill=tk.BOTH, expand=True)
        arrange = layout.alone if len(readers) == 1 else layout.versus
        places = arrange(self._window, look)
        self.canvas = DrawingCanvas(
            places.draw, look, self.subject.drawing, self.recognize, width=width
        )
        self.canvas.pack(anchor=tk.N)
        self.pixels = PixelView(places.seen, look)
        self.pixels.pack(anchor=tk.N)
        self.panels = [
            ReaderPanel(place, look, reader, self._epoch_of(side))
            for side, (place, reader) in enumerate(zip(places.readers, readers, strict=True))
        ]
        self._build_controls(places)
        self._build_bottom(places)
        self.picker.show(self.runs.rows)
        self.picker.mark(readers[0].run_id)
        self.tabs.show(tab)
        self._count_drawings()
        if self.subject.exhibit is not None:
            self._exhibit(self.subject.exhibit)
        self.recognize()

    def _epoch_of(self, side: int) -> Callable[[int | None], None]:
        def wanted(epoch: int | None) -> None:
            run_id = self.panels[side].reader.run_id
            if run_id is not None:
                self._open(side, run_id, epoch)

        return wanted

    def _build_controls(self, places: layout.Layout) -> None:
        self.clear_button = button(places.draw_line, "Clear", self.clear)
        button(places.draw_line, "↷", lambda: self.canvas.redo())
        button(places.draw_line, "↶", lambda: self.canvas.undo())
        self.brush = BrushControl(
            places.draw_line, self.look, self.canvas.width, self._brush_changed
        )
        self.brush.pack(side=tk.RIGHT)
        self._why_button = button(places.seen_line, "Why", self.toggle_why)
        self._steps_button = button(places.seen_line, "Steps", self.toggle_steps)
        self._pipeline_button = button(places.seen_line, "", self.toggle_pipeline)
        self._show_switches()

    def _build_bottom(self, places: layout.Layout) -> None:
        line, body, look = places.bottom_line, places.bottom, self.look
        self.tabs = Tabs(line, body, look, self._tab_shown)
        self.picker = RunPicker(body, look, self.choose)
        self.gallery = GalleryView(body, look, self._exhibit)
        self.tabs.add(RUNS, self.picker)
        self.tabs.add(IMAGES, self.gallery)
        button(line, "Keys (F1)", self.toggle_help)
        button(line, "Refresh", self.runs.refresh)
        self.teach_button = button(line, "Teach", self.teach)
        words = tk.StringVar(self.root)
        words.trace_add("write", lambda *_: self.picker.filter(words.get()))
        self.filter = ttk.Entry(line, textvariable=words, width=18, font=look.font(12))
        self.filter.bind("<Escape>", lambda _event: self._leave_filter(words))
        self.filter.bind("<Return>", lambda _event: self.canvas.focus_set())
        self.filter.pack(side=tk.RIGHT, padx=(look.px(8), 0))
        ttk.Label(line, text="find", style="Caption.TLabel").pack(side=tk.RIGHT)
        self.message = ttk.Label(
            line, style="Caption.TLabel", font=look.font(11), wraplength=look.px(640)
        )
        self.message.pack(side=tk.LEFT, padx=look.px(theme.GAP))

    def _leave_filter(self, words: tk.StringVar) -> str:
        words.set("")
        self.canvas.focus_set()
        return "break"
