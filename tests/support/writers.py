"""``python -m writers N RUNS``: N processes train RUNS networks each, all into one new store.

They are forked, so they all meet the store at the same moment.
"""

import multiprocessing
import sys
from pathlib import Path

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig

from experiments.config.compose import CONF
from experiments.config.schema import register_schema
from experiments.reporting import plots
from experiments.sweeps.registration import register_plugins
from experiments.training.report import Silent
from experiments.training.run import run


def main() -> None:
    """Exit status 0 if every writer has ended well."""
    count, runs = map(int, sys.argv[1:])
    # The database has no part in the pictures, and they would take most of the time.
    plots.learning_curves = plots.confusion_matrix = _no_picture
    register_schema()
    register_plugins()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("config", ["experiment=xor", "epochs=2"])
    fork = multiprocessing.get_context("fork")
    shares = (range(runs * writer, runs * (writer + 1)) for writer in range(count))
    writers = [fork.Process(target=_write, args=(config, share)) for share in shares]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    sys.exit(any(writer.exitcode for writer in writers))


def _write(config: DictConfig, seeds: range) -> None:
    for config.seed in seeds:
        run(config, name=str(config.seed), report=Silent())


def _no_picture(*_: object, file: Path, **__: object) -> None:
    file.touch()


if __name__ == "__main__":
    main()
