"""A Ray cluster of two nodes on this machine, each with one CPU."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress

import gate
import psutil
import pytest

from experiments.servers.postgres import free_port


@pytest.fixture(scope="module")
def ray_cluster(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    """What sends a sweep to a head that a second node has joined: overrides, and variables."""
    address = f"127.0.0.1:{free_port()}"
    token = tmp_path_factory.mktemp("ray") / "token"
    token.write_text("0123456789abcdef" * 4)
    variables = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    # Not below tmp_path: the names of Ray's sockets must stay short.
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        try:
            head = ("--head", "--port", address.rpartition(":")[2], "--temp-dir", folder)
            _start(*head, "--node-ip-address=127.0.0.1", "--include-dashboard=false", **variables)
            _start("--address", address, "--node-ip-address=127.0.0.1", **variables)
            yield ("launcher=ray", f"hydra.launcher.ray.init.address='{address}'"), variables
        finally:
            _stop(folder)


def _start(*arguments: str, **variables: str) -> None:
    """Starts a node; again if Ray gives up after 30 seconds, as it does on a busy machine."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--num-cpus=1"]
    command += ["--object-store-memory=80000000", "--include-log-monitor=false", *arguments]
    environment = {**os.environ, **gate.VARIABLES, **variables}
    for _ in range(5):
        if subprocess.run(command, env=environment, capture_output=True).returncode == 0:
            return
    subprocess.run(command, env=environment, capture_output=True, check=True)


def _stop(folder: str) -> None:
    """Every process of this cluster, and of no other; some rename themselves."""
    found = [
        process for process in psutil.process_iter() if folder in " ".join(_command_line(process))
    ]
    with suppress(psutil.Error):
        found += [child for process in found for child in process.children(recursive=True)]
    for process in found:
        process.kill()
    psutil.wait_procs(found, timeout=30)


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
