"""The slow imports that all workers share: without them, each worker would do its own."""

import subprocess
import sys


def test_the_server_of_the_workers_imports_what_is_slow() -> None:
    slow = ("mlflow", "matplotlib", "sqlalchemy")
    script = (
        f"import sys; names = {slow}; before = [name in sys.modules for name in names]; "
        "import experiments.sweeps.worker_imports; "
        "print(any(before), all(name in sys.modules for name in names))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout.split(), done.returncode) == (["False", "True"], 0), done.stderr
