"""PyTorch on the CPU: the usual training loop, by default, fused, or compiled and fused."""

from functools import partial

from benchmarks.peers.problem import Prepare, Problem, RunEpoch, Work

PACKAGE = "torch"


def prepare(problem: Problem, threads: int, *, fused: bool, compiled: bool) -> RunEpoch:
    """Batches are gathered by index from one float32 tensor, which is faster than a DataLoader."""
    import torch  # pyright: ignore[reportMissingImports]
    from torch import nn  # pyright: ignore[reportMissingImports]

    torch.set_num_threads(threads)
    features, labels = map(torch.from_numpy, problem.samples())
    layers = []
    for weights, biases in problem.initial_weights():
        linear = nn.Linear(*weights.shape)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weights.T))
            linear.bias.copy_(torch.from_numpy(biases))
        layers += [linear, nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    make = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[problem.optimizer]
    # None leaves the choice to PyTorch, as most users do.
    optimizer = make(model.parameters(), lr=problem.learning_rate, fused=fused or None)
    criterion = nn.CrossEntropyLoss()
    forward = torch.compile(model, dynamic=False) if compiled else model
    orders = problem.orders()
    slices = problem.slices(len(labels))

    def run_epoch() -> Work:
        order = torch.from_numpy(next(orders))
        total_loss, correct = 0.0, 0
        for part in slices:
            rows = order[part]
            inputs, targets = features[rows], labels[rows]
            outputs = forward(inputs)
            loss = criterion(outputs, targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total_loss += loss.item() * len(rows)
            correct += int((outputs.detach().argmax(1) == targets).sum())
        return Work(total_loss / len(order), correct / len(order))

    return run_epoch


VARIANTS: dict[str, Prepare] = {
    "PyTorch, default": partial(prepare, fused=False, compiled=False),
    "PyTorch, fused": partial(prepare, fused=True, compiled=False),
    "PyTorch, compiled + fused": partial(prepare, fused=True, compiled=True),
}
