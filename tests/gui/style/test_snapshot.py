"""The picture of all panels as a file."""

import numpy as np
from events import draw
from PIL import Image


def test_a_picture_of_all_panels_is_saved(open_app, tmp_path) -> None:
    app = open_app()
    draw(app)
    app.save(tmp_path / "seven.png")
    with Image.open(tmp_path / "seven.png") as picture:
        drawn = np.asarray(picture.convert("L"))
    assert drawn.shape[1] > 1200
    assert (drawn[:, :300] == 255).sum() == np.count_nonzero(app.input.drawing.raster)
    assert str(tmp_path / "seven.png") in app.message.cget("text")
    assert [file.name for file in tmp_path.iterdir()] == ["seven.png"]
    app.save(tmp_path / "no such folder" / "seven.png")
    assert "no such folder" in app.message.cget("text")
    assert str(app.message.cget("style")) == "Error.TLabel"
