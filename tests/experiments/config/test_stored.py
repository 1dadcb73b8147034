"""The config of a logged run is untrusted data."""

from pathlib import Path

import pytest
from composing import config
from omegaconf import OmegaConf

from experiments.config.stored import stored_config
from experiments.errors import StoredConfigError


@pytest.mark.parametrize("group", ["data", "model", "loss", "optimizer", "schedule"])
def test_a_foreign_target_is_refused(tmp_path: Path, group: str) -> None:
    composed = config("data=xor")
    OmegaConf.save(composed, tmp_path / "config.yaml")
    assert stored_config(tmp_path / "config.yaml") == composed
    composed[group]._target_ = "os.system"
    OmegaConf.save(composed, tmp_path / "config.yaml")
    with pytest.raises(
        StoredConfigError, match=rf"^{group}\.name=.* stands for .*, not os\.system"
    ):
        stored_config(tmp_path / "config.yaml")


def test_a_value_in_the_place_of_a_group_is_refused_in_one_line(tmp_path: Path) -> None:
    composed = OmegaConf.to_container(config("data=xor"))
    assert isinstance(composed, dict)
    OmegaConf.save({**composed, "early_stopping": "patience"}, tmp_path / "config.yaml")
    with pytest.raises(StoredConfigError, match=r"str is not a subclass of EarlyStoppingConfig.*$"):
        stored_config(tmp_path / "config.yaml")
