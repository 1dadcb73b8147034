"""A server on this machine that answers as OpenML does, and the way there."""

import gzip
import hashlib
import http.client
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

_PIXELS = 784
_DATA_PATH = "/data/v1/download/52667/mnist_784.arff"


@dataclass
class Answers:
    """What the server holds, and its bad moods."""

    rows: int
    body: bytes = field(repr=False)  # the ARFF file, gzipped
    md5: str
    status: int = 200
    cut: int | None = None  # how many bytes of the data are sent before the line goes dead
    paths: list[str] = field(default_factory=list, init=False)
    in_the_middle: threading.Event = field(default_factory=threading.Event, init=False)
    go_on: threading.Event = field(default_factory=threading.Event, init=False)


def arff_answers(pixels: np.ndarray, labels: np.ndarray, quote: str = "") -> Answers:
    """Answers with these images (n, 784) and labels as OpenML's ARFF."""
    header = "@RELATION mnist_784\n"
    header += "".join(f"@ATTRIBUTE pixel{i + 1} real\n" for i in range(_PIXELS))
    header += "@ATTRIBUTE class {0,1,2,3,4,5,6,7,8,9}\n\n@DATA\n"
    content = header.encode() + b"".join(
        _lines(pixels[at : at + 10_000], labels[at : at + 10_000], quote)
        for at in range(0, len(pixels), 10_000)
    )
    md5 = hashlib.md5(content).hexdigest()
    return Answers(len(pixels), gzip.compress(content, compresslevel=1), md5)


def _lines(pixels: np.ndarray, labels: np.ndarray, quote: str) -> bytes:
    """Rows of numbers with commas; looked up, as formatting 55 million numbers takes minutes."""
    with_comma = np.array([f"{value}," for value in range(256)], "S4")
    with_newline = np.array([f"{quote}{value}{quote}\n" for value in range(10)], "S4")
    cells = np.concatenate([with_comma[pixels], with_newline[labels][:, None]], axis=1)
    return cells.tobytes().replace(b"\0", b"")


@contextmanager
def serving(answers: Answers) -> Iterator[int]:
    """The port of a running server."""
    handler = type("Handler", (_Handler,), {"answers": answers})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            answers.go_on.set()
            server.shutdown()
            thread.join()


def opener_to(port: int) -> urllib.request.OpenerDirector:
    """Sends whatever is asked of any https server to this port of this machine."""

    class ToThisMachine(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> Any:
            req.host = f"127.0.0.1:{port}"
            return self.do_open(http.client.HTTPConnection, req)

    return urllib.request.build_opener(ToThisMachine, urllib.request.ProxyHandler({}))


class _Handler(BaseHTTPRequestHandler):
    answers: Answers

    def do_GET(self) -> None:
        self.answers.paths.append(self.path)
        if self.answers.status != 200:
            self.send_error(self.answers.status)
        elif self.path == _DATA_PATH:
            self._send_data()
        else:
            self._send(json.dumps(self._json()).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: what was asked is in ``answers.paths``."""

    def _json(self) -> dict[str, Any]:
        answers, kind = self.answers, self.path.split("/")[5]
        if kind == "list":
            found = {"did": 554, "name": "mnist_784", "version": 1, "status": "active"}
            return {"data": {"dataset": [found]}}
        if kind == "features":
            pixels = [_feature(i, f"pixel{i + 1}", "numeric") for i in range(_PIXELS)]
            return {"data_features": {"feature": [*pixels, _feature(_PIXELS, "class", "nominal")]}}
        if kind == "qualities":
            count = {"name": "NumberOfInstances", "value": f"{answers.rows}.0"}
            return {"data_qualities": {"quality": [count]}}
        description = {
            "id": "554",
            "name": "mnist_784",
            "version": "1",
            "description": "The MNIST database of handwritten digits",
            "format": "ARFF",
            "status": "active",
            "file_id": "52667",
            "url": f"https://api.openml.org{_DATA_PATH}",
            "md5_checksum": answers.md5,
        }
        return {"data_set_description": description}

    def _send_data(self) -> None:
        body, cut = self.answers.body, self.answers.cut
        self._head(len(body), "gzip")
        self.wfile.write(body[:cut])
        if cut is not None:
            self.wfile.flush()
            self.answers.in_the_middle.set()
            self.answers.go_on.wait(30)
            self.close_connection = True

    def _send(self, body: bytes) -> None:
        self._head(len(body), "identity")
        self.wfile.write(body)

    def _head(self, length: int, encoding: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.send_header("Content-Encoding", encoding)
        self.end_headers()


def _feature(index: int, name: str, data_type: str) -> dict[str, str]:
    return {
        "index": str(index),
        "name": name,
        "data_type": data_type,
        "is_target": "true" if data_type == "nominal" else "false",
        "is_ignore": "false",
        "is_row_identifier": "false",
        "number_of_missing_values": "0",
    }
