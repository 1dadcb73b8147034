"""The slow imports that workers share: without them, every worker would do its own."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("library", ["mlflow", "matplotlib", "sqlalchemy"])
def test_the_server_of_the_workers_has_imported_what_is_slow(library: str) -> None:
    script = (
        "import sys; before = set(sys.modules); import experiments.sweeps.worker_imports; "
        f"assert '{library}' not in before; print('{library}' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"
