"""The slider over the epochs of a run."""

import numpy as np
from events import choose, press, wait_until
from harness import checkpoint

from nnscratch import mlp


def test_the_user_can_step_through_the_epochs_and_play_them(with_runs) -> None:
    app, rows = with_runs
    choose(app, rows["12"])
    [panel] = app.panels
    final, best = app.root.title(), panel.loaded.recognizer.network.parameters.copy()
    press(app, "<Left>")
    wait_until(app.root, lambda: panel.loaded.epoch == 3)
    assert panel.epochs.shown == "epoch 3 of 3"
    np.testing.assert_array_equal(
        panel.loaded.recognizer.network.parameters, mlp([784, 12, 10], seed=30).parameters
    )
    panel.epochs.slider.set(0)
    wait_until(app.root, lambda: panel.loaded.epoch == 1)
    panel.epochs.play_button.invoke()
    wait_until(app.root, lambda: panel.loaded.epoch is None)
    np.testing.assert_array_equal(panel.loaded.recognizer.network.parameters, best)
    assert app.root.title() == final
    choose(app, rows["16–8"])
    assert panel.epochs.shown == "best weights"


def test_playing_stops_before_an_epoch_that_cannot_be_read(with_runs) -> None:
    from experiments.tracking import RunStore

    app, rows = with_runs
    choose(app, rows["12"])
    [panel] = app.panels
    file = checkpoint(RunStore(), rows["12"], "epochs/epoch_0002")
    content = file.read_bytes()
    file.write_bytes(content[:100])
    press(app, "<space>")
    wait_until(app.root, lambda: "epoch_0002.npz" in app.message.cget("text"))
    file.write_bytes(content)  # other tests need it
    assert panel.loaded.epoch == 1
    assert panel.epochs.shown == "epoch 1 of 3"
    assert panel.epochs.play_button.cget("text") == "▶ play"
    press(app, "<Right>")
    wait_until(app.root, lambda: panel.loaded.epoch == 2)
    assert app.message.cget("text") == ""
