"""Neural networks from scratch in NumPy: every layer, gradient and optimizer by hand."""

from nnscratch.checkpoint import (
    CheckpointError,
    checkpoint_metadata,
    load_checkpoint,
    save_checkpoint,
    weights_digest,
)
from nnscratch.data import Dataset, one_hot, stratified_split
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
from nnscratch.network import Network, mlp
from nnscratch.optimizers import SGD, Adam, AdamW, Optimizer, RMSProp
from nnscratch.training import DivergenceError, Epoch, Evaluation, evaluate, fit

__all__ = [
    "ELU",
    "SGD",
    "Adam",
    "AdamW",
    "BatchNorm",
    "CheckpointError",
    "CrossEntropyLoss",
    "Dataset",
    "DivergenceError",
    "Dropout",
    "Epoch",
    "Evaluation",
    "Layer",
    "LeakyReLU",
    "Linear",
    "Loss",
    "MSELoss",
    "Network",
    "Optimizer",
    "RMSProp",
    "ReLU",
    "Sigmoid",
    "SigmoidCrossEntropyLoss",
    "Softmax",
    "SoftmaxCrossEntropyLoss",
    "Tanh",
    "checkpoint_metadata",
    "evaluate",
    "fit",
    "load_checkpoint",
    "mlp",
    "one_hot",
    "save_checkpoint",
    "stratified_split",
    "weights_digest",
]
