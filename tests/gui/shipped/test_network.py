"""The network that comes with the window."""

from pathlib import Path

import numpy as np

from gui.shipped import network as shipped
from nnscratch import mlp, weights_digest
from nnscratch.storage.plain_weights import linear_layers


def test_the_file_has_the_digest_that_its_page_names() -> None:
    page = shipped.FILE.with_name("README.md").read_text()
    assert weights_digest(shipped.shipped_network()) in page
    assert f"{shipped.FILE.stat().st_size:,} bytes" in page


def test_weights_are_rounded_by_at_most_half_a_step(tmp_path: Path, monkeypatch) -> None:
    network = mlp([784, 30, 10], bias_init="normal", seed=1)
    shipped.save_shipped(network, tmp_path / "network.npz")
    monkeypatch.setattr(shipped, "FILE", tmp_path / "network.npz")
    rounded = shipped.shipped_network()
    layers = zip(linear_layers(network), linear_layers(rounded), strict=True)
    for before, after in layers:
        step = np.abs(before.weights).max(axis=0) / 127
        assert (np.abs(after.weights - before.weights) <= 0.501 * step).all()
        np.testing.assert_array_equal(after.biases, before.biases)
