"""The panel that shows the network, lit by what it makes of the drawing."""

import tkinter as tk

from PIL import ImageTk

from gui import palette
from gui.network_layout import Floats
from gui.network_picture import NetworkPicture
from gui.recognizer import Prediction
from nnscratch import Network

SMALLEST = (430, 330)  # where every architecture still has room


class NetworkView(tk.Label):
    """A ``NetworkPicture`` as large as the panel it is given, which may grow with the window."""

    def __init__(self, parent: tk.Misc, network: Network, size: tuple[int, int]) -> None:
        super().__init__(parent, background=palette.PANEL, borderwidth=0, padx=0, pady=0)
        self._network = network
        self._shown: tuple[Floats | None, Prediction | None] = (None, None)
        self._resize(size)
        self.bind("<Configure>", self._configured)

    def use(self, network: Network) -> None:
        """Shows another network, at rest."""
        self._network = network
        self._shown = (None, None)
        self._resize(self._size)

    def show(self, image: Floats | None, prediction: Prediction | None) -> None:
        """Lights the network for a (28, 28) image, or puts it at rest."""
        self._shown = (image, prediction)
        self._photo.paste(self._picture.paint(image, prediction))

    def _configured(self, event: "tk.Event[tk.Misc]") -> None:
        size = max(event.width, SMALLEST[0]), max(event.height, SMALLEST[1])
        if size != self._size:
            self._resize(size)

    def _resize(self, size: tuple[int, int]) -> None:
        self._size = size
        self._picture = NetworkPicture(self._network, size)
        self._photo = ImageTk.PhotoImage("RGB", size, master=self)
        self.configure(image=str(self._photo))
        self.show(*self._shown)
