"""Neural networks from scratch in NumPy: every layer, gradient and optimizer by hand.

To read the network, from one image to one training step:

1. ``layers/``          a formula and its gradient each; begin with ``linear``
2. ``losses``           how wrong the outputs are, and dL/d(outputs)
3. ``network``          layers in a row over two flat vectors (``architectures``: ``mlp``)
4. ``optimizers``       one step on the flat vector (``schedules``: the learning rate)
5. ``data``             samples, shuffled batches
6. ``training/loop``    all of this, batch by batch

Then ``readout`` (outputs to classes) and ``evaluation``. Two wings use the network:
``storage/`` writes it to files, ``inspection/`` looks inside.
"""

from nnscratch.architectures import mlp
from nnscratch.data import Dataset, one_hot, stratified_split
from nnscratch.evaluation import Evaluation, evaluate
from nnscratch.layers import (
    ELU,
    BatchNorm,
    Dropout,
    Layer,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from nnscratch.losses import (
    CrossEntropyLoss,
    Loss,
    MSELoss,
    SigmoidCrossEntropyLoss,
    SoftmaxCrossEntropyLoss,
)
from nnscratch.network import Network
from nnscratch.optimizers import SGD, Adam, AdamW, Optimizer, RMSProp
from nnscratch.storage.checkpoint import (
    CheckpointError,
    checkpoint_metadata,
    load_checkpoint,
    load_training_state,
    save_checkpoint,
    save_training_state,
    training_state_metadata,
    weights_digest,
)
from nnscratch.storage.plain_weights import load_plain_weights, save_plain_weights
from nnscratch.training.divergence import DivergenceError
from nnscratch.training.early_stopping import BestWeights, EarlyStopping, best_epoch
from nnscratch.training.loop import Epoch, Training, fit
from nnscratch.training.progress import PartialEpoch
from nnscratch.training.state import TrainingState

__all__ = [
    "ELU",
    "SGD",
    "Adam",
    "AdamW",
    "BatchNorm",
    "BestWeights",
    "CheckpointError",
    "CrossEntropyLoss",
    "Dataset",
    "DivergenceError",
    "Dropout",
    "EarlyStopping",
    "Epoch",
    "Evaluation",
    "Layer",
    "LeakyReLU",
    "Linear",
    "Loss",
    "MSELoss",
    "Network",
    "Optimizer",
    "PartialEpoch",
    "RMSProp",
    "ReLU",
    "Sigmoid",
    "SigmoidCrossEntropyLoss",
    "Softmax",
    "SoftmaxCrossEntropyLoss",
    "Tanh",
    "Training",
    "TrainingState",
    "best_epoch",
    "checkpoint_metadata",
    "evaluate",
    "fit",
    "load_checkpoint",
    "load_plain_weights",
    "load_training_state",
    "mlp",
    "one_hot",
    "save_checkpoint",
    "save_plain_weights",
    "save_training_state",
    "stratified_split",
    "training_state_metadata",
    "weights_digest",
]
