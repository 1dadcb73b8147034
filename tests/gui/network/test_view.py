"""The panel that shows the network."""

from events import draw, press, wait_until
from PIL import Image


def test_the_network_shows_the_last_prediction_and_is_at_rest_after_clearing(open_app) -> None:
    app = open_app()
    [panel] = app.panels
    draw(app)
    wait_until(
        app.root, lambda: shown_network(panel) == panel.network.picture.paint(panel.prediction)
    )
    draw(app, [(60, 60), (90, 200), (200, 60)])
    press(app, "<Control-z>")  # in the middle of a picture, perhaps
    wait_until(
        app.root, lambda: shown_network(panel) == panel.network.picture.paint(panel.prediction)
    )
    press(app, "<Escape>")
    wait_until(app.root, lambda: shown_network(panel) == panel.network.picture.paint())


def test_the_network_grows_with_the_window(open_app) -> None:
    app = open_app()
    [panel] = app.panels
    network = panel.network
    at_rest, before = shown_network(panel), network.winfo_width()
    draw(app)
    wait_until(app.root, lambda: shown_network(panel) != at_rest)
    app.root.geometry("1270x790")
    wait_until(app.root, lambda: network.winfo_width() > before)
    draw(app)  # the picture of before was only begun, if the window was fast enough
    wait_until(app.root, lambda: shown_network(panel) == network.picture.paint(panel.prediction))
    assert (app.canvas.winfo_width(), app.canvas.winfo_height()) == (280, 280)


def shown_network(panel) -> Image.Image:
    from PIL import ImageTk

    shown = Image.new("RGB", (panel.network.winfo_width(), panel.network.winfo_height()))
    for left, photo in panel.network.photos.items():
        shown.paste(ImageTk.getimage(photo), (left, 0))
    return shown


def test_a_card_describes_the_unit_under_the_pointer(open_app) -> None:
    app = open_app()
    draw(app)
    [panel] = app.panels
    x, y = next(
        (x, y) for y in range(450) for x in range(600) if panel.network.picture.unit_at(x, y)
    )
    panel.network.event_generate("<Motion>", x=x, y=y)
    assert panel.card.winfo_ismapped
    panel.network.event_generate("<Motion>", x=1, y=1)
    assert panel.card is None
