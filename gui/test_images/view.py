"""The browser of test images: a row of thumbnails, with what each is and was taken for."""

import tkinter as tk
from collections.abc import Callable
from tkinter import ttk

from PIL import ImageTk

from gui.recognizer import SIDE
from gui.style.signs import grey
from gui.style.theme import Look
from gui.test_images.gallery import Exhibit, Gallery

_BLOCK = 2  # pixels of a normal display for a pixel of a thumbnail
_STEP = SIDE * _BLOCK + 12  # from one thumbnail to the next


class GalleryView(ttk.Frame):
    """``on_choose`` is called with the image that is to be looked at."""

    def __init__(self, parent: tk.Misc, look: Look, on_choose: Callable[[Exhibit], None]) -> None:
        super().__init__(parent)
        self._look, self._on_choose = look, on_choose
        self._gallery: Gallery | None = None
        self._at: int | None = None
        self._awaited = False  # an image was asked for before there were any
        self._first = 0
        self._photos: list[ImageTk.PhotoImage] = []
        self.caption = ttk.Label(self, style="Caption.TLabel")
        self.caption.pack(side=tk.TOP, anchor=tk.W, padx=look.px(8), pady=look.px(4))
        self._strip = tk.Canvas(
            self,
            height=look.px(SIDE * _BLOCK + 24),
            background=look.palette.background,
            highlightthickness=0,
        )
        self._strip.pack(side=tk.TOP, fill=tk.BOTH, expand=True)
        self._strip.bind("<Configure>", lambda _event: self._paint())
        self._strip.bind("<Button-1>", self._clicked)

    def show(self, gallery: Gallery | None, words: str = "") -> None:
        """Shows a gallery from its beginning; or, without one, words that say why."""
        self._gallery, self._at, self._first = gallery, None, 0
        if gallery is not None:
            words = f"{gallery.misread:,} of {len(gallery):,} test images of {gallery.name} misread"
            words += " — these first; PageUp and PageDown go from one to the next"
        self.caption.configure(text=words)
        self._paint()
        if gallery is not None and self._awaited:
            self.choose(0)

    def step(self, by: int) -> None:
        """Chooses the next image, or the one before; the first as soon as there is one."""
        if self._gallery is None:
            self._awaited = True
        else:
            self.choose(0 if self._at is None else self._at + by)

    def choose(self, place: int) -> None:
        """Chooses the image at a place of the gallery, as near as there is one."""
        if self._gallery is None:
            return
        self._awaited = False
        self._at = min(max(place, 0), len(self._gallery) - 1)
        if not self._first <= self._at < self._first + self._room:
            self._first = self._at if self._at > self._first else self._at - self._room + 1
            self._first = max(self._first, 0)
        self._paint()
        self._on_choose(self._gallery[self._at])

    @property
    def _room(self) -> int:
        return max(self._strip.winfo_width() // self._look.px(_STEP), 1)

    def _paint(self) -> None:
        look, palette, gallery = self._look, self._look.palette, self._gallery
        self._strip.delete("all")
        self._photos = []
        if gallery is None:
            return
        side = look.px(SIDE * _BLOCK)
        for slot, place in enumerate(
            range(self._first, min(self._first + self._room, len(gallery)))
        ):
            exhibit = gallery[place]
            left, top = look.px(6 + slot * _STEP), look.px(2)
            photo = ImageTk.PhotoImage(grey(exhibit.image).resize((side, side)), master=self)
            self._photos.append(photo)
            self._strip.create_image(left, top, image=photo, anchor=tk.NW)
            chosen, wrong = place == self._at, exhibit.answer != exhibit.label
            self._strip.create_rectangle(
                left - 1,
                top - 1,
                left + side,
                top + side,
                outline=palette.positive if chosen else palette.border,
                width=look.px(2) if chosen else 1,
            )
            self._strip.create_text(
                left + side // 2,
                top + side + look.px(10),
                text=f"{exhibit.label} → {exhibit.answer}" if wrong else str(exhibit.label),
                fill=palette.error if wrong else palette.dim,
                font=look.font(11),
            )

    def _clicked(self, event: "tk.Event[tk.Misc]") -> None:
        slot = min(event.x // self._look.px(_STEP), self._room - 1)
        self.choose(self._first + slot)
