"""Saying what one drew, and having the network learn it."""

from collections.abc import Callable

from gui.background import Unavailable
from gui.input.source import Subject
from gui.prediction.readers import Readers
from gui.teaching.teacher import Lesson, Teacher


class Corrections:
    """What the keys 0–9, Backspace and T do with the drawing of ``subject``.

    The main reader is taught, and its place is taken by what became of it. ``say`` is called
    with words and whether they tell of an error, ``count`` with the number of drawings kept.
    """

    def __init__(
        self,
        teacher: Teacher,
        subject: Subject,
        readers: Readers,
        *,
        say: Callable[[str, bool], None],
        count: Callable[[int], None],
    ) -> None:
        self._teacher, self._subject, self._readers = teacher, subject, readers
        self._say, self._count = say, count

    def label(self, digit: int) -> None:
        """Keeps the drawing as what it was meant to be."""
        drawing = self._subject.drawing
        if drawing.empty:
            self._say(f"draw the {digit} first, then press {digit}", False)
            return
        try:
            self._teacher.keep(drawing.paths, digit, self._readers.now[0].run_id)
        except Unavailable as error:
            self._say(str(error), True)
        else:
            self._say(f"kept as {digit}; Backspace takes it back", False)
        self.count()

    def forget(self) -> None:
        """Removes the drawing that was kept last."""
        try:
            self._say("the last drawing is forgotten" if self._teacher.forget() else "", False)
        except Unavailable as error:
            self._say(str(error), True)
        self.count()

    def teach(self) -> None:
        """Tunes the main reader on the drawings kept, and changes to what became of it."""

        def taught(lesson: Lesson) -> None:
            self._readers.choose(lesson.run_id, f"{lesson.words}; B goes back, C compares")

        self._say("teaching …", False)
        self._teacher.teach(self._readers.now[0], taught, lambda reason: self._say(reason, True))

    def count(self) -> None:
        """Tells how many drawings are kept."""
        try:
            self._count(self._teacher.drawings)
        except Unavailable as error:
            self._say(str(error), True)
