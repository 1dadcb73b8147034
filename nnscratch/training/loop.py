"""The training loop: an iterator of epochs, which can be stopped and gone on with."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, final

import numpy as np

from nnscratch.augmentation import Augmentation
from nnscratch.data import Dataset, target_table
from nnscratch.evaluation import Evaluation, check_count, check_fit, evaluate
from nnscratch.losses import Loss
from nnscratch.network import Network
from nnscratch.optimizers import AdamW, Optimizer, Step
from nnscratch.randomness import generator
from nnscratch.training.averaging import WeightAverage
from nnscratch.training.clipping import norm_clipping
from nnscratch.training.divergence import DivergenceError, check_batch, check_step
from nnscratch.training.state import TrainingState, settings_of


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training data, or over a part drawn for it, came to.

    ``train_loss`` and ``train_accuracy`` are running means over the batches as they
    were trained on; ``val_*`` are measured after the epoch (None without validation
    data). ``seconds`` times the training pass alone.
    """

    number: int  # 1, 2, …
    train_loss: float
    train_accuracy: float  # 0–1
    val_loss: float | None
    val_accuracy: float | None  # 0–1
    learning_rate: float  # of the last step
    seconds: float


@dataclass(frozen=True)
class PartialEpoch:
    """How an epoch goes, some of its batches after the start; means as in ``Epoch``."""

    number: int  # of the epoch: 1, 2, …
    batch: int  # so many are done
    batches: int  # of so many
    train_loss: float
    train_accuracy: float  # 0–1


Watch: TypeAlias = Callable[[PartialEpoch], None]
WATCHED = 100
"""After how many batches a ``Watch`` is called, and again."""


def fit(
    network: Network,
    loss: Loss,
    optimizer: Optimizer,
    train: Dataset,
    validation: Dataset | None = None,
    *,
    epochs: int,
    batch_size: int,
    seed: int = 0,
    max_gradient_norm: float | None = None,
    ema_decay: float | None = None,
    augmentation: Augmentation | None = None,
    epoch_samples: int | None = None,
    resume: TrainingState | None = None,
    watch: Watch | None = None,
) -> "Training":
    """Trains ``network`` in place and yields an ``Epoch`` after each pass over ``train``.

    Nothing is trained until it is asked for an epoch, and ``break`` stops it. Every
    epoch visits all samples once, in an order drawn from ``seed``; with ``epoch_samples``, so
    many of them, drawn anew for each epoch: to look at a training more often.

    ``max_gradient_norm`` clips the gradient (``nnscratch.training.clipping``); ``ema_decay``
    averages the weights (``nnscratch.training.averaging``): between epochs and after the last
    one the network then holds the mean. ``augmentation`` varies the inputs of each batch
    (``nnscratch.augmentation``). ``AdamW`` without a mask decays the weights alone.
    ``resume`` goes on after the epoch at which ``Training.state`` was asked for, to the
    same weights as if nothing had stopped. ``watch`` is told every 100 batches how the
    epoch goes.

    Raises ``ValueError`` at once for data, a loss or a state that doesn't fit the network,
    and ``DivergenceError`` at the batch where a loss, gradient or input is not finite.
    """
    check_count("epochs", epochs)
    check_count("batch_size", batch_size)
    check_fit(network, loss, train, "training")
    if validation is not None:
        check_fit(network, loss, validation, "validation")
    if epoch_samples is not None:
        check_count("epoch_samples", epoch_samples)
        if epoch_samples > len(train):
            raise ValueError(f"epoch_samples={epoch_samples}, but there are only {len(train)}")
    average = None if ema_decay is None else WeightAverage(network.parameters, ema_decay)
    if isinstance(optimizer, AdamW) and optimizer.decay_mask is None:
        optimizer.decay_mask = network.decay_mask
    training = Training(
        network,
        loss,
        optimizer,
        train,
        validation,
        epochs=epochs,
        batch_size=batch_size,
        epoch_samples=epoch_samples,
        shuffle=generator(seed, "shuffle"),
        clip=None if max_gradient_norm is None else norm_clipping(max_gradient_norm),
        average=average,
        augmentation=augmentation,
        variation=generator(seed, "augmentation"),
        watch=watch,
        settings={
            "batch_size": int(batch_size),
            "samples": len(train),
            "epoch_samples": epoch_samples,
            "max_gradient_norm": max_gradient_norm,
            "ema_decay": ema_decay,
            **settings_of("loss", loss),
            **settings_of("optimizer", optimizer),
            **({} if augmentation is None else settings_of("augmentation", augmentation)),
        },
    )
    if resume is not None:
        training.restore(resume)
    return training


@final
class Training(Iterator[Epoch]):
    """A training under way: the iterator that ``fit`` returns."""

    def __init__(
        self,
        network: Network,
        loss: Loss,
        optimizer: Optimizer,
        train: Dataset,
        validation: Dataset | None,
        *,
        epochs: int,
        batch_size: int,
        epoch_samples: int | None,
        shuffle: np.random.Generator,
        clip: Step | None,
        average: WeightAverage | None,
        augmentation: Augmentation | None,
        variation: np.random.Generator,
        watch: Watch | None,
        settings: Mapping[str, Any],
    ) -> None:
        self._network, self._loss, self._optimizer = network, loss, optimizer
        self._train, self._validation = train, validation
        self._epochs, self._batch_size, self._shuffle = epochs, batch_size, shuffle
        self._epoch_samples = epoch_samples
        self._batches = math.ceil((epoch_samples or len(train)) / batch_size)
        self._average, self._watch, self._settings = average, watch, settings
        self._augmentation, self._variation = augmentation, variation
        # What happens to the gradient of each batch, in this order; an option that is
        # off is not there, and costs nothing.
        update = None if average is None else average.update
        wanted = (clip, optimizer.step, update)
        self._steps: list[Step] = [step for step in wanted if step is not None]
        self._finished = 0  # epochs
        self._interrupted = False  # within an epoch

    def __next__(self) -> Epoch:
        self._check_whole()
        if self._finished == self._epochs:
            raise StopIteration
        self._interrupted = True  # until the epoch is whole
        epoch = self._epoch()
        self._interrupted = False
        return epoch

    def _check_whole(self) -> None:
        if self._interrupted:
            raise RuntimeError(
                "this training was interrupted within an epoch, whose steps are half done: "
                "go on from the state after an earlier one, fit(…, resume=state)"
            )

    # --- stopping and going on ----------------------------------------------------------

    def state(self) -> TrainingState:
        """A copy of all that changes in training, as it is after the latest epoch.

        Raises ``RuntimeError`` once an exception has interrupted an epoch.
        """
        self._check_whole()
        network, optimizer, average = self._network, self._optimizer, self._average
        vectors = {"parameters": network.parameters, "statistics": network.statistics}
        if average is not None:
            vectors |= {"parameters": average.trained, "average": average.mean}
        vectors |= {f"moment.{name}": moment for name, moment in optimizer.moments.items()}
        return TrainingState(
            epoch=self._finished,
            step=optimizer.t,
            averaged=0 if average is None else average.t,
            vectors={name: vector.copy() for name, vector in vectors.items()},
            generators={name: rng.bit_generator.state for name, rng in self._generators.items()},
            network=network.description(),
            optimizer=type(optimizer).__name__,
            settings=self._settings,
        )

    def restore(self, state: TrainingState) -> None:
        """Puts everything back as it was; ``ValueError`` for the state of another training."""
        network, optimizer, average = self._network, self._optimizer, self._average
        state.check(self.state())
        optimizer.restore(state.step, state.moments, network.parameters)
        network.parameters[:] = state.vectors["parameters"]
        network.statistics[:] = state.vectors["statistics"]
        if average is not None:
            average.t, average.mean[:] = state.averaged, state.vectors["average"]
            average.show(network.parameters)
        for name, rng in self._generators.items():
            rng.bit_generator.state = state.generators[name]
        self._finished = state.epoch

    @property
    def _generators(self) -> dict[str, np.random.Generator]:
        found = {"shuffle": self._shuffle, "dropout": self._network.dropout_generator}
        return found if self._augmentation is None else {**found, "augmentation": self._variation}

    # --- the loop ------------------------------------------------------------------------

    def _epoch(self) -> Epoch:
        network, average = self._network, self._average
        if average is not None and self._finished > 0:
            average.hide(network.parameters)
        started = time.perf_counter()
        # What overflows here ends as a DivergenceError, which says more than a warning.
        with np.errstate(over="ignore", invalid="ignore"):
            train_loss, train_accuracy = self._pass()
        seconds = time.perf_counter() - started
        self._finished += 1
        if average is not None:
            average.show(network.parameters)
        measured = self._validate()
        return Epoch(
            number=self._finished,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            val_loss=None if measured is None else measured.loss,
            val_accuracy=None if measured is None else measured.accuracy,
            learning_rate=self._optimizer.learning_rate,
            seconds=seconds,
        )

    def _pass(self) -> tuple[float, float]:
        """Forward, loss, backward, update, batch by batch; the mean loss and accuracy."""
        network, loss = self._network, self._loss
        targets_of = target_table(network.output_size, network.dtype)
        total_loss, correct, seen = 0.0, 0, 0
        batches = self._train.shuffled_batches(self._batch_size, self._shuffle, self._epoch_samples)
        for batch, (inputs, labels) in enumerate(batches, start=1):
            if self._augmentation is not None:
                inputs = self._augmentation(inputs, self._variation)
            outputs = network.forward(inputs)  # (batch, outputs)
            value, gradient = loss.value_and_gradient(outputs, targets_of.take(labels, axis=0))
            if not math.isfinite(value):
                self._check_finite(value, batch)
            network.backward(gradient)
            # The cheapest look at every gradient: 7 µs of a step of 500 µs (784-128-64-10,
            # batch 64). It also sees a sum of squares that overflows: harmless if no moment does.
            overflows = not math.isfinite(np.dot(network.gradients, network.gradients))
            if overflows:
                self._check_finite(value, batch)
            for step in self._steps:
                step(network.parameters, network.gradients)
            if overflows:
                self._check_step(batch)
            total_loss += value * len(labels)
            correct += int(np.count_nonzero(network.decide(outputs) == labels))
            seen += len(labels)
            if self._watch is not None and batch % WATCHED == 0:
                means = total_loss / seen, correct / seen
                self._watch(PartialEpoch(self._finished + 1, batch, self._batches, *means))
        self._check_step(self._batches)
        return total_loss / seen, correct / seen

    def _check_finite(self, loss: float, batch: int) -> None:
        """What the step before left comes first: all else may have followed from it."""
        self._check_step(max(batch - 1, 1))
        check_batch(self._network, loss, self._where(batch))

    def _check_step(self, batch: int) -> None:
        check_step(self._network, self._optimizer, self._where(batch))

    def _where(self, batch: int) -> str:
        return f"in epoch {self._finished + 1}, batch {batch}, {self._rate}"

    def _validate(self) -> Evaluation | None:
        if self._validation is None:
            return None
        try:
            return evaluate(self._network, self._loss, self._validation)
        except DivergenceError as error:
            where = f"in the validation after epoch {self._finished}, {self._rate}"
            raise DivergenceError(f"{where}: {error}") from None

    @property
    def _rate(self) -> str:
        return f"at learning rate {self._optimizer.learning_rate:g}"
