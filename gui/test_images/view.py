"""The browser of test images: a row of thumbnails with labels and predictions."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from PIL import ImageTk

from gui.recognizer import SIDE
from gui.style.canvas import ThemedCanvas
from gui.style.colormap import grey
from gui.style.theme import Theme
from gui.test_images.gallery import Gallery, TestImage

_BLOCK = 2  # pixels of a normal display for a pixel of a thumbnail
_STEP = SIDE * _BLOCK + 12  # from one thumbnail to the next


class GalleryView(ttk.Frame):
    """``on_choose`` is called with the test image that the user chooses."""

    def __init__(
        self, parent: tk.Misc, theme: Theme, on_choose: Callable[[TestImage], None]
    ) -> None:
        super().__init__(parent)
        self._theme, self._on_choose = theme, on_choose
        self._gallery: Gallery | None = None
        self._at: int | None = None
        self._requested = False  # the user asked for an image before they were loaded
        self._first = 0
        self._photos: list[ImageTk.PhotoImage] = []
        self.caption = ttk.Label(self, style="Caption.TLabel")
        self.caption.pack(side=tk.TOP, anchor=tk.W, padx=theme.px(8), pady=theme.px(4))
        height = SIDE * _BLOCK + 24
        self._strip = ThemedCanvas(self, theme, _STEP, height, theme.palette.background)
        self._strip.pack(side=tk.TOP, fill=tk.BOTH, expand=True)
        self._strip.bind("<Configure>", lambda _event: self._paint())
        self._strip.bind("<Button-1>", self._clicked)

    def show(self, gallery: Gallery | None, message: str = "") -> None:
        """Shows a gallery from its beginning; without one, a message that says why."""
        self._gallery, self._at, self._first = gallery, None, 0
        if gallery is not None:
            message = (
                f"{gallery.misclassified:,} of {len(gallery):,} test images of {gallery.name} "
                "misclassified — these first; PageUp and PageDown go from one to the next"
            )
        self.caption.configure(text=message)
        self._paint()
        if gallery is not None and self._requested:
            self.choose(0)

    def step(self, by: int) -> None:
        """Moves by that many images; chooses the first one as soon as they are loaded."""
        if self._gallery is None:
            self._requested = True
        else:
            self.choose(0 if self._at is None else self._at + by)

    def choose(self, place: int) -> None:
        """Chooses the image at a place of the gallery, or the nearest one."""
        if self._gallery is None:
            return
        self._requested = False
        self._at = min(max(place, 0), len(self._gallery) - 1)
        if not self._first <= self._at < self._first + self._visible:
            self._first = self._at if self._at > self._first else self._at - self._visible + 1
            self._first = max(self._first, 0)
        self._paint()
        self._on_choose(self._gallery[self._at])

    @property
    def _visible(self) -> int:
        return max(self._strip.winfo_width() // self._theme.px(_STEP), 1)

    def _paint(self) -> None:
        self._strip.delete("all")
        self._photos = []
        if self._gallery is not None:
            last = min(self._first + self._visible, len(self._gallery))
            for slot, place in enumerate(range(self._first, last)):
                self._paint_thumbnail(slot, self._gallery[place], chosen=place == self._at)

    def _paint_thumbnail(self, slot: int, image: TestImage, *, chosen: bool) -> None:
        theme, palette = self._theme, self._theme.palette
        side, left, top = theme.px(SIDE * _BLOCK), theme.px(6 + slot * _STEP), theme.px(2)
        photo = ImageTk.PhotoImage(grey(image.image).resize((side, side)), master=self)
        self._photos.append(photo)
        self._strip.create_image(left, top, image=photo, anchor=tk.NW)
        self._strip.create_rectangle(
            left - 1,
            top - 1,
            left + side,
            top + side,
            outline=palette.positive if chosen else palette.border,
            width=theme.px(2) if chosen else 1,
        )
        wrong = image.prediction != image.label
        self._strip.add_text(
            6 + slot * _STEP + SIDE * _BLOCK / 2,
            SIDE * _BLOCK + 12,
            f"{image.label} → {image.prediction}" if wrong else str(image.label),
            size=11,
            fill=palette.error if wrong else palette.dim,
            anchor=tk.CENTER,
        )

    def _clicked(self, event: "tk.Event[tk.Misc]") -> None:
        slot = min(event.x // self._theme.px(_STEP), self._visible - 1)
        self.choose(self._first + slot)
