"""``python -m experiments.ui``: the MLflow UI over the runs of this folder."""

import argparse
import os
import subprocess
import sys


def main() -> None:
    """Serves the UI until Ctrl-C; exit status 2 if there are no runs yet."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.ui", description="The MLflow UI over all logged runs."
    )
    parser.add_argument("--port", type=int, default=5000, help="on 127.0.0.1 (default 5000)")
    parser.add_argument("--uri", help="the store (default: MLFLOW_TRACKING_URI or ./mlflow.db)")
    arguments = parser.parse_args()

    from experiments.reporting import terminal
    from experiments.tracking import RunStore, RunStoreError

    try:
        store = RunStore(arguments.uri)
    except RunStoreError as error:
        terminal.print_error(str(error))
        raise SystemExit(2) from None
    if store.uri.startswith("http"):
        terminal.print_text(f"the runs are on a server: open {store.uri}")
        return
    terminal.print_text(f"http://127.0.0.1:{arguments.port}  (Ctrl-C ends it)")
    raise SystemExit(_serve(store.uri, arguments.port))


def _serve(uri: str, port: int) -> int:
    """One worker and no job executor: a twentieth of the processes of the default server."""
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    settings = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    try:
        return subprocess.run(command, env={**os.environ, **settings}, check=False).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    main()
