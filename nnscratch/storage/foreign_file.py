"""What a file of another program is, and the command that makes a readable one of it.

Nothing is unpacked or unpickled: the first bytes and the headers of arrays say enough.
"""

import json
import shlex
import zipfile
from pathlib import Path

from numpy.lib import format as npy

from nnscratch.storage.array_headers import array_headers, layer_sizes, listed, read_header

_START = 4096  # bytes that say what a file is
_SAVEZ = "numpy.savez({npz}, "
_PYTORCH = (
    "import numpy, torch; state = torch.load({path}, weights_only=True); "
    + _SAVEZ
    + "**{{name: value.numpy() for name, value in state.items()}})"
)
_KERAS = "import keras, numpy; " + _SAVEZ + "*keras.models.load_model({path}).get_weights())"
_SAFETENSORS = (
    "import numpy; from safetensors.numpy import load_file; " + _SAVEZ + "**load_file({path}))"
)
_JSON = (  # as network2.py of Nielsen's book writes it
    "import json, numpy; net = json.load(open({path})); "
    + _SAVEZ
    + '**{{f"{{kind[0]}}{{i}}": x for kind in ("weights", "biases") '
    "for i, x in enumerate(net[kind])}})"
)
_PICKLED_ARRAYS = "import numpy; " + _SAVEZ + "*numpy.load({path}, allow_pickle=True))"
_PLAIN = (
    "from nnscratch import load_plain_weights, mlp, save_checkpoint; network = mlp({sizes}); "
    "load_plain_weights(network, {path}); save_checkpoint(network, {npz})"
)
_SAVE_AGAIN = (
    "save its arrays in the program that made it: numpy.savez('weights.npz', W1=…, b1=…, W2=…)"
)
_UNOPENED = "which can run any program and is never opened here"


def description(path: Path) -> str | None:
    """Words that follow "it is": the kind of file, its arrays and shapes, the next command.

    None for a damaged file, or a kind that is not known here. Raises ``OSError``.
    """
    with path.open("rb") as file:
        start = file.read(_START)
    if start.startswith(b"PK\x03\x04"):
        return _archive(path)
    if start.startswith(npy.MAGIC_PREFIX):
        return _array(path)
    if start.startswith(b"\x89HDF"):
        return f"an HDF5 file, as Keras writes them: {_command(_KERAS, path)}"
    if start[4:10] == b'\0\0\0\0{"':
        return f"a safetensors file: {_command(_SAFETENSORS, path)}"
    if start.startswith(tuple(bytes([0x80, protocol]) for protocol in range(2, 6))):
        return f"a pickle, {_UNOPENED}: {_SAVE_AGAIN}"
    text = start.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html")):
        return "a web page: download the file again"
    if text.startswith((b"{", b"[")):
        known = b'"weights"' in text or b'"sizes"' in text
        return f"JSON: {_command(_JSON, path) if known else _SAVE_AGAIN}"
    return None


def _archive(path: Path) -> str | None:
    """An .npz file of plain weights, or a file of PyTorch, which is a zip file, too."""
    try:
        with zipfile.ZipFile(path) as archive:
            pytorch = any(name.endswith("/data.pkl") for name in archive.namelist())
        headers = {} if pytorch else array_headers(path)
    except Exception:  # zipfile raises errors of many types
        return None
    if pytorch:
        return f"a PyTorch file: {_command(_PYTORCH, path)}"
    if not headers or "description" in headers:
        return None
    if sizes := layer_sizes(headers):
        return f"a foreign .npz file of {listed(headers)}: {_command(_PLAIN, path, sizes)}"
    return (
        f"a foreign .npz file of {listed(headers)}: build the network, and "
        "nnscratch.load_plain_weights fills it"
    )


def _array(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            found = read_header(file)
    except ValueError:
        return None
    if found.dtype.hasobject:
        return (
            f"an .npy file of {found.shape} pickled objects, {_UNOPENED}: if you trust it, "
            f"{_command(_PICKLED_ARRAYS, path)}"
        )
    return f"an .npy file of a single array, {found.dtype} {found.shape}: {_SAVE_AGAIN}"


def _command(program: str, path: Path, sizes: list[int] | None = None) -> str:
    target = path.with_name(f"{path.stem}_converted.npz")
    names = {"path": json.dumps(str(path)), "npz": json.dumps(str(target)), "sizes": sizes}
    return f"python -c {shlex.quote(program.format(**names))} makes {target.name} of it"
