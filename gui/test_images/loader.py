"""The test images while the window is open: loaded once, classified by each network."""

import tkinter as tk
from collections.abc import Callable

from gui.background import Background
from gui.runs.loaded_network import LoadedNetwork
from gui.test_images.gallery import Gallery, load_images
from nnscratch import Dataset

_DEFAULT = "digits"  # part of scikit-learn, so always available


class TestImageLoader:
    """Makes the gallery of a network, from the test images of the data it was trained on."""

    def __init__(self, root: tk.Misc) -> None:
        self.background = Background(root, "test images")
        self._loaded: dict[str, Dataset] = {}
        self._network: LoadedNetwork | None = None

    def show(
        self,
        loaded: LoadedNetwork,
        then: Callable[[Gallery], None],
        otherwise: Callable[[str], None],
    ) -> None:
        """Calls ``then`` with the gallery, unless another one was requested in the meantime."""
        self._network = loaded

        def made(gallery: Gallery) -> None:
            if loaded is self._network:
                then(gallery)

        self.background.run(lambda: self._make(loaded), made, otherwise)

    def close(self) -> None:
        """Waits for the work in the background."""
        self.background.close()

    def _make(self, loaded: LoadedNetwork) -> Gallery:
        name = loaded.data or _DEFAULT
        if name not in self._loaded:
            self._loaded[name] = load_images(name)
        return Gallery(name, self._loaded[name], loaded.recognizer)
