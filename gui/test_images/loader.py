"""The test images while the window is open: loaded once, read anew by each network."""

import tkinter as tk
from collections.abc import Callable

from gui.background import Background
from gui.prediction.reader import Reader
from gui.test_images.gallery import Gallery, load_images
from nnscratch import Dataset

_ALWAYS_THERE = "digits"  # embedded in scikit-learn


class Images:
    """Makes the gallery of a reader: of the data set that it learnt from, if that is of digits."""

    def __init__(self, root: tk.Misc) -> None:
        self._background = Background(root, "images")
        self._loaded: dict[str, Dataset] = {}
        self._reader: Reader | None = None

    def show(
        self, reader: Reader, then: Callable[[Gallery], None], otherwise: Callable[[str], None]
    ) -> None:
        """Hands over the gallery of the reader, unless another one is asked for meanwhile."""
        self._reader = reader

        def made(gallery: Gallery) -> None:
            if reader is self._reader:
                then(gallery)

        self._background.run(lambda: self._make(reader), made, otherwise)

    def close(self) -> None:
        """Waits for what is under way."""
        self._background.close()

    def _make(self, reader: Reader) -> Gallery:
        name = reader.data or _ALWAYS_THERE
        if name not in self._loaded:
            self._loaded[name] = load_images(name)
        return Gallery(name, self._loaded[name], reader.recognizer)
