"""JAX on the CPU: Python calls a compiled step, or the whole epoch is compiled."""

from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.peers.problem import Prepare, Problem, RunEpoch, Work

PACKAGE = "jax"


def prepare(problem: Problem, threads: int, *, whole_epoch: bool) -> RunEpoch:
    """The data stay on the device. Gather, step and counts are compiled; buffers are donated.

    The environment variables that ``Worker`` sets limit XLA's threads.
    """
    import jax  # pyright: ignore[reportMissingImports]
    import jax.numpy as jnp  # pyright: ignore[reportMissingImports]

    samples = jax.tree.map(jnp.asarray, problem.samples())
    weights = jax.tree.map(jnp.asarray, problem.initial_weights())
    zeros = partial(jax.tree.map, jnp.zeros_like)
    step = _step(problem)
    state = (weights, zeros(weights), zeros(weights), jnp.zeros((), jnp.int32))
    orders = problem.orders()
    slices = problem.slices(len(samples[1]))
    full = [part for part in slices if part.stop - part.start == problem.batch_size]
    end = full[-1].stop

    @partial(jax.jit, donate_argnums=0)
    def one(state: Any, counts: Any, samples: Any, rows: Any) -> Any:
        state, new = step(state, samples, rows)
        return state, jax.tree.map(jnp.add, counts, new)

    @partial(jax.jit, donate_argnums=0)
    def many(state: Any, counts: Any, samples: Any, rows: Any) -> Any:
        state, new = jax.lax.scan(lambda s, r: step(s, samples, r), state, rows)
        return state, jax.tree.map(lambda count, n: count + n.sum(), counts, new)

    def run_epoch() -> Work:
        nonlocal state
        order = next(orders).astype("int32")
        counts = (jnp.float32(0), jnp.int32(0))
        if whole_epoch:
            batches = order[:end].reshape(len(full), problem.batch_size)
            state, counts = many(state, counts, samples, batches)
            rest = slices[len(full) :]
        else:
            rest = slices
        for part in rest:
            state, counts = one(state, counts, samples, order[part])
        jax.block_until_ready(state)
        return Work(float(counts[0]) / len(order), int(counts[1]) / len(order))

    return run_epoch


def _step(problem: Problem) -> Callable[[Any, Any, Any], Any]:
    """A function (state, samples, rows) → (state, (summed loss, correct)), still to be compiled."""
    import jax  # pyright: ignore[reportMissingImports]
    import jax.numpy as jnp  # pyright: ignore[reportMissingImports]

    rate = problem.learning_rate

    def loss_of(weights: Any, inputs: Any, labels: Any) -> Any:
        outputs = inputs
        for w, b in weights[:-1]:
            outputs = jax.nn.relu(outputs @ w + b)
        w, b = weights[-1]
        logits = outputs @ w + b
        log_p = jax.nn.log_softmax(logits)
        loss = -jnp.take_along_axis(log_p, labels[:, None], axis=1).mean()
        return loss, (logits.argmax(1) == labels).sum()

    def sgd(weights: Any, gradients: Any, m: Any, v: Any, t: Any) -> Any:
        return jax.tree.map(lambda w, g: w - rate * g, weights, gradients), m, v

    def adam(weights: Any, gradients: Any, m: Any, v: Any, t: Any) -> Any:
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradients)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradients)
        a, b = 1 - 0.9**t, 1 - 0.999**t

        def moved(w: Any, m: Any, v: Any) -> Any:
            return w - rate * (m / a) / (jnp.sqrt(v / b) + 1e-8)

        return jax.tree.map(moved, weights, m, v), m, v

    update = {"adam": adam, "sgd": sgd}[problem.optimizer]

    def step(state: Any, samples: Any, rows: Any) -> Any:
        weights, m, v, t = state
        features, labels = samples
        inputs, targets = features[rows], labels[rows]
        (loss, correct), gradients = jax.value_and_grad(loss_of, has_aux=True)(
            weights, inputs, targets
        )
        t = t + 1
        weights, m, v = update(weights, gradients, m, v, t)
        return (weights, m, v, t), (loss * len(rows), correct)

    return step


VARIANTS: dict[str, Prepare] = {
    "JAX, compiled step": partial(prepare, whole_epoch=False),
    "JAX, compiled epoch": partial(prepare, whole_epoch=True),
}
