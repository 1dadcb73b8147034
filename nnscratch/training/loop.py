"""The training loop: an iterator of epochs that can be stopped and resumed."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np

from nnscratch.augmentation import Augmentation
from nnscratch.checks import check_count
from nnscratch.data import Dataset
from nnscratch.evaluation import check_fit, evaluate
from nnscratch.losses import Loss
from nnscratch.network import Network
from nnscratch.optimizers import Optimizer
from nnscratch.randomness import generator
from nnscratch.training.averaging import NoAverage, WeightAverage
from nnscratch.training.clipping import norm_clipping
from nnscratch.training.divergence import DivergenceError, Guard, rate_of
from nnscratch.training.progress import Progress, Watch
from nnscratch.training.state import TrainingState, settings_of


@dataclass(frozen=True)
class Epoch:
    """The result of one pass over the training data, or over a part drawn from it.

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


@final
class Training(Iterator[Epoch]):
    """Trains ``network`` in place and yields an ``Epoch`` after each pass over ``train``.

        for epoch in fit(network, loss, optimizer, train, validation, epochs=10, batch_size=64):
            print(epoch.number, epoch.val_accuracy)

    Nothing is trained before the first epoch is asked for, and ``break`` stops the training.
    Every epoch visits all samples once, in an order drawn from ``seed``; with ``epoch_samples``
    only that many, drawn for each epoch.

    ``max_gradient_norm`` clips the gradient (``nnscratch.training.clipping``). ``ema_decay``
    averages the weights (``nnscratch.training.averaging``): between epochs and after the last
    one the network then holds the mean. ``augmentation`` varies the inputs of each batch
    (``nnscratch.augmentation``). ``AdamW`` without a mask of its own decays the weights alone.
    ``resume`` continues after the epoch whose ``Training.state`` it is, to the same weights as
    without a stop. ``watch`` is called every 100 batches with a ``PartialEpoch``.

    Raises ``ValueError`` at once for data, a loss or a state that doesn't fit the network,
    and ``DivergenceError`` at the batch where a loss, gradient or input is not finite.
    """

    def __init__(
        self,
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
    ) -> None:
        check_count("epochs", epochs)
        check_count("batch_size", batch_size)
        check_fit(network, loss, train, "training")
        if validation is not None:
            check_fit(network, loss, validation, "validation")
        if epoch_samples is not None:
            check_count("epoch_samples", epoch_samples)
            if epoch_samples > len(train):
                raise ValueError(f"epoch_samples={epoch_samples}, but there are only {len(train)}")
        self._network, self._loss, self._optimizer = network, loss, optimizer
        self._train, self._validation, self._watch = train, validation, watch
        self._epochs, self._batch_size, self._epoch_samples = epochs, batch_size, epoch_samples
        self._clip = lambda gradients: None
        if max_gradient_norm is not None:
            self._clip = norm_clipping(max_gradient_norm)
        self._average = (
            NoAverage() if ema_decay is None else WeightAverage(network.parameters, ema_decay)
        )
        self._shuffle = generator(seed, "shuffle")
        self._generators = {"shuffle": self._shuffle, "dropout": network.dropout_generator}
        self._augment = lambda inputs: inputs
        if augmentation is not None:
            variation = self._generators["augmentation"] = generator(seed, "augmentation")
            self._augment = lambda inputs: augmentation(inputs, variation)
        self._settings = {
            "batch_size": int(batch_size),
            "samples": len(train),
            "epoch_samples": epoch_samples,
            "max_gradient_norm": max_gradient_norm,
            "ema_decay": ema_decay,
            **settings_of("loss", loss),
            **settings_of("optimizer", optimizer),
            **({} if augmentation is None else settings_of("augmentation", augmentation)),
        }
        self._finished = 0  # epochs
        self._interrupted = False  # within an epoch
        optimizer.begin(network.parameters, network.decay_mask)
        if resume is not None:
            self._restore(resume)

    def __next__(self) -> Epoch:
        self._check_whole()
        if self._finished == self._epochs:
            raise StopIteration
        self._interrupted = True  # until the epoch is whole
        epoch = self._epoch()
        self._interrupted = False
        return epoch

    @property
    def _batches(self) -> int:
        """The number of batches, and so of steps, in an epoch."""
        return math.ceil((self._epoch_samples or len(self._train)) / self._batch_size)

    def _check_whole(self) -> None:
        if self._interrupted:
            raise RuntimeError(
                "this training was interrupted within an epoch, and some of its steps are missing: "
                "continue from the state after an earlier epoch, fit(…, resume=state)"
            )

    def _pass(self, guard: Guard, progress: Progress) -> None:
        """One epoch: forward, loss, backward and update, batch by batch."""
        network, loss, optimizer = self._network, self._loss, self._optimizer
        augment, clip, average = self._augment, self._clip, self._average
        batches = self._train.shuffled_batches(self._batch_size, self._shuffle, self._epoch_samples)
        for inputs, labels in batches:
            outputs = network.forward(augment(inputs))  # (batch, outputs)
            value, gradient = loss.value_and_gradient(outputs, network.targets(labels))
            network.backward(gradient)
            guard.before_step(value)  # NaN, ∞: DivergenceError
            clip(network.gradients)
            optimizer.step(network.parameters, network.gradients)
            average.update(network.parameters)
            progress.add(value, outputs, labels)
        guard.after_step()

    def _epoch(self) -> Epoch:
        number, optimizer = self._finished + 1, self._optimizer
        guard = Guard(self._network, optimizer, number)
        progress = Progress(number, self._batches, self._network.outputs, self._watch)
        self._average.hide(self._network.parameters)
        started = time.perf_counter()
        # An overflow ends as a DivergenceError, which says more than NumPy's warning.
        with np.errstate(over="ignore", invalid="ignore"):
            self._pass(guard, progress)
        seconds = time.perf_counter() - started
        self._finished = number
        self._average.show(self._network.parameters)
        trained, validated = (progress.loss, progress.accuracy), self._validate()
        return Epoch(number, *trained, *validated, optimizer.learning_rate, seconds)

    def _validate(self) -> tuple[float, float] | tuple[None, None]:
        """The loss and accuracy on the validation data."""
        if self._validation is None:
            return None, None
        try:
            measured = evaluate(self._network, self._loss, self._validation)
            return measured.loss, measured.accuracy
        except DivergenceError as error:
            where = f"in the validation after epoch {self._finished}, {rate_of(self._optimizer)}"
            raise DivergenceError(f"{where}: {error}") from None

    def state(self) -> TrainingState:
        """A copy of everything that changes in training, as it is after the latest epoch."""
        self._check_whole()
        network, optimizer, average = self._network, self._optimizer, self._average
        vectors = {
            **{"parameters": network.parameters, "statistics": network.statistics},
            **average.vectors,
            **{f"moment.{name}": moment for name, moment in optimizer.moments.items()},
        }
        return TrainingState(
            epoch=self._finished,
            step=optimizer.t,
            averaged=average.t,
            vectors={name: vector.copy() for name, vector in vectors.items()},
            generators={name: rng.bit_generator.state for name, rng in self._generators.items()},
            network=network.description(),
            optimizer=type(optimizer).__name__,
            settings=self._settings,
        )

    def _restore(self, state: TrainingState) -> None:
        """Puts everything back as it was."""
        network = self._network
        state.check(self.state(), epochs=self._epochs, steps=self._batches)
        self._optimizer.restore(state.step, state.moments, network.parameters)
        network.parameters[:] = state.vectors["parameters"]
        network.statistics[:] = state.vectors["statistics"]
        self._average.t = state.averaged
        for name, vector in self._average.vectors.items():
            vector[:] = state.vectors[name]
        self._average.show(network.parameters)
        for name, rng in self._generators.items():
            rng.bit_generator.state = state.generators[name]
        self._finished = state.epoch


fit = Training
"""``for epoch in fit(network, loss, optimizer, …)``: see ``Training``."""
