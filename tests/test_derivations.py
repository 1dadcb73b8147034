"""The documents quote lines that exist in the code; the numbers of docs/derivations.md are right.

A quotation is a fenced ``python`` block whose first line is the comment ``# file, name``: the name
of a function, class, method or table. The tables of docs/derivations.md are a worked example: a
network receives the given numbers, and must compute the derived ones.
"""

import ast
import re
import textwrap
from pathlib import Path

import numpy as np
import pytest

from nnscratch import SGD, Linear, ReLU, Softmax, SoftmaxCrossEntropyLoss, mlp

ROOT = Path(__file__).resolve().parents[1]
DERIVATIONS = (ROOT / "docs/derivations.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/guide.md").read_text(encoding="utf-8")
BLOCKS = [
    pytest.param(block, id=f"{document}: {block.splitlines()[0]}")
    for document, text in (("derivations", DERIVATIONS), ("guide", GUIDE))
    for block in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TREES = re.findall(r"^```\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[-2:]
PATHS = set(re.findall(r"`((?:conf|experiments|gui|nnscratch)/[\w/]+\.(?:py|yaml))`", GUIDE))
ROWS = re.findall(r"^\| `([^`]+)` \| .* \| ([^|]+) \|$", DERIVATIONS, re.MULTILINE)


def source(file: str, name: str) -> list[str]:
    """The lines of a function, class, method or module variable, without their indentation."""
    code = (ROOT / file).read_text(encoding="utf-8")
    scope: ast.stmt | ast.Module = ast.parse(code)
    for part in name.split("."):
        assert isinstance(scope, ast.Module | ast.ClassDef)
        [scope] = [node for node in scope.body if part == defined_name(node)]
    assert isinstance(scope, ast.stmt)
    lines = code.splitlines()[scope.lineno - 1 : scope.end_lineno]
    return [line.strip() for line in lines]


def defined_name(node: ast.stmt) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return None


def missing(lines: list[str], code: list[str]) -> list[str]:
    """Those ``lines`` that ``code`` does not contain in this order.

    A quotation may leave out the comment at the end of a line.
    """
    remaining = iter(code)
    return [line for line in lines if not any(quotes(line, original) for original in remaining)]


def quotes(line: str, original: str) -> bool:
    return line == original or original.startswith(f"{line}  # ")


@pytest.mark.parametrize("block", BLOCKS)
def test_quoted_lines_stand_in_the_source(block: str) -> None:
    place, *lines = textwrap.dedent(block).splitlines()
    file, _, name = place.removeprefix("# ").partition(", ")
    quoted = [line.strip() for line in lines]
    assert quoted, "a quotation quotes something"
    assert missing(quoted, source(file, name)) == []


@pytest.mark.parametrize("path", sorted(path for path in PATHS if "NAME" not in path))
def test_a_file_that_the_guide_names_exists(path: str) -> None:
    assert (ROOT / path).is_file()


def test_a_line_that_does_not_stand_there_is_found() -> None:
    code = source("nnscratch/layers/linear.py", "AbstractLinear.apply")
    assert missing(["outputs += self.biases"], code) == []
    assert missing(["outputs -= self.biases"], code) == ["outputs -= self.biases"]
    assert missing(["outputs += self.biases", code[0]], code) == [code[0]]  # order counts


def test_the_tree_of_the_readme_has_a_line_for_each_file_of_the_core() -> None:
    listed = sorted(re.findall(r"\w+\.py", TREES[0]))
    files = (ROOT / "nnscratch").rglob("*.py")
    assert listed == sorted(file.name for file in files if file.name != "__init__.py")


def test_the_tree_of_the_readme_names_files_that_exist() -> None:
    for name in re.findall(r"[\w/]+\.py", TREES[1]):
        assert list(ROOT.glob(f"*/**/{name}")), name


def values(text: str) -> np.ndarray:
    """``0.5, −1; 0.5, 0.25`` as an array (2, 2); a single row as (1, n)."""
    rows = text.replace("−", "-").split(";")
    return np.array([[float(number) for number in row.split(",")] for row in rows])


def decimals(text: str) -> int:
    """How many digits behind the point the most precise number of ``text`` shows."""
    return max(len(number.partition(".")[2]) for number in re.findall(r"[\d.]+", text))


def derived(given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Everything that the worked example derives, computed by the core."""
    network = mlp([2, 2, 2], dtype=np.float64)
    hidden, relu, last = network.layers
    assert isinstance(hidden, Linear)
    assert isinstance(relu, ReLU)
    assert isinstance(last, Linear)
    hidden.weights[:], hidden.biases[:] = given["W1"], given["b1"][0]
    last.weights[:], last.biases[:] = given["W2"], given["b2"][0]

    loss = SoftmaxCrossEntropyLoss()
    z1, h, z2 = network.activations(given["x"])
    value, g_z2 = loss.value_and_gradient(network.forward(given["x"]), given["t"])
    g_h = last.backward(g_z2)
    g_z1 = relu.backward(g_h)
    network.backward(g_z2)
    found = {
        **{"z1": z1, "h": h, "z2": z2, "p": Softmax().apply(z2), "L": value},
        **{"g_z2": g_z2, "g_W2": last.grad_weights, "g_b2": last.grad_biases, "g_h": g_h},
        **{"g_z1": g_z1, "g_W1": hidden.grad_weights, "g_b1": hidden.grad_biases},
    }
    found = {name: np.array(array) for name, array in found.items()}

    SGD(learning_rate=given["η"].item()).step(network.parameters, network.gradients)
    _, h_after, z2_after = network.activations(given["x"])
    after = {
        **{"W1'": hidden.weights, "b1'": hidden.biases},
        **{"W2'": last.weights, "b2'": last.biases},
        **{"h'": h_after, "z2'": z2_after, "L'": loss.value(z2_after, given["t"])},
    }
    return found | {name: np.array(array) for name, array in after.items()}


def test_the_worked_example_is_what_the_core_computes() -> None:
    table = dict(ROWS)
    given = {name: values(table.pop(name)) for name in ("x", "t", "W1", "b1", "W2", "b2", "η")}
    computed = derived(given)
    assert list(table) == list(computed)
    for name, text in table.items():
        shown = values(text).reshape(np.shape(computed[name]))
        np.testing.assert_allclose(
            shown, computed[name], rtol=0, atol=0.5001 * 10.0 ** -decimals(text), err_msg=name
        )
