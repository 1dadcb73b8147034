"""Every shipped config can be built. Every mistake ends in one line before any work starts."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from advice import follow
from harness import train
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.config.compose import CONF
from experiments.config.digests import config_digest, flatten
from experiments.config.messages import explain
from experiments.config.schema import register_schema
from experiments.config.validation import validate
from experiments.errors import ConfigError
from experiments.lessons.catalogue import LESSONS as LESSON_OF
from experiments.sweeps.lesson import find_lesson
from experiments.sweeps.multirun import JobConfigs, job_name, job_overrides, swept_keys
from experiments.sweeps.registration import register_plugins
from experiments.training.build import build_loss, build_network, build_optimizer, build_schedule
from nnscratch import SGD, Adam, AdamW, Dataset, Linear, fit


@pytest.fixture(autouse=True)
def hydra() -> Iterator[None]:
    register_schema()
    register_plugins()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        yield


def config(*overrides: str) -> DictConfig:
    return compose("config", overrides=list(overrides))


def complaint(*overrides: str) -> str:
    """The one line that a user would see."""
    try:
        validate(config(*overrides))
    except (HydraException, OmegaConfBaseException) as error:
        return explain(error)
    except ConfigError as error:
        return str(error)
    raise AssertionError(f"{overrides} was accepted")


def options(group: str) -> list[str]:
    return sorted(file.stem for file in (CONF / group).glob("[!_]*.yaml"))


@pytest.mark.parametrize(
    "group",
    [
        *("data", "model", "loss", "optimizer", "schedule", "augmentation"),
        *("engine", "experiment", "sweep", "launcher"),
    ],
)
def test_every_shipped_choice_is_valid_and_can_be_built(group: str) -> None:
    assert options(group), "every group of the architecture has a choice"
    for option in options(group):
        composed = config(f"{group}={option}")
        validate(composed)
        network = build_network(composed, features=12, classes=4)
        assert network.classes == 4
        outputs = network.forward([[0.5] * 12])
        _, gradient = build_loss(composed).value_and_gradient(outputs, outputs * 0 + 0.25)
        network.backward(gradient)
        build_optimizer(composed, 10).step(network.parameters, network.gradients)


LESSONS = [option for option in options("sweep") if option.startswith("lesson_")]
SWEEPS = [o for o in options("sweep") if o not in (*LESSONS, "zeros_vs_he")]


def jobs_of(sweep: str, *overrides: str) -> tuple[DictConfig, list[list[str]]]:
    """The composed sweep and the overrides of each of its jobs."""
    composed = compose("config", [f"sweep={sweep}", *overrides], return_hydra_config=True)
    return composed, job_overrides(composed)


def test_a_sweep_is_composed_as_hydra_composes_each_job() -> None:
    composed, _ = jobs_of("zeros_vs_he")
    jobs = [
        ["optimizer=sgd", "optimizer.learning_rate=1e-2", "model.hidden=[16,8]"],
        ["optimizer=sgd", "optimizer.learning_rate=0.5", "tracking.uri='a b'"],
        ["optimizer=adam", "experiment=xor", "seed=3", "+early_stopping.patience=4"],
        ["seed=1", "epochs=2", "++epochs=3"],
        ["epochs=2", "batch_size=${epochs}", "max_gradient_norm=1", "diagnostics=on"],
    ]
    composer, loader = JobConfigs(composed), GlobalHydra.instance().config_loader()
    for job in jobs:
        whole = OmegaConf.to_container(loader.load_sweep_config(composed, job))
        assert OmegaConf.to_container(composer.compose(job)) == whole
        assert isinstance(whole, dict)
        whole.pop("hydra")
        assert OmegaConf.to_container(composer.compose_task(job)) == whole


def test_the_name_of_a_job_has_no_hydra_escapes() -> None:
    _, jobs = jobs_of("init_vs_activation")
    names = {job_name(job, swept_keys(jobs)) for job in jobs}
    assert "model.init=normal:0.01 model.activation=relu seed=0" in names


@pytest.mark.parametrize(
    "wrong", ["epochs=many", "epochs=2.5", "seed=null", "epcohs=3", "optimizer.momentum=0.9"]
)
def test_a_mistake_in_a_sweep_raises_the_error_of_hydra(wrong: str) -> None:
    composed, _ = jobs_of("zeros_vs_he")
    with pytest.raises(HydraException, match=wrong.partition("=")[0]):
        JobConfigs(composed).compose_task(["batch_size=1", wrong])


@pytest.mark.parametrize("sweep", options("sweep"))
def test_every_job_of_a_ready_sweep_is_valid(sweep: str) -> None:
    composed, jobs = jobs_of(sweep)
    assert composed.hydra.mode.name == "MULTIRUN", "one word is enough"
    composer = JobConfigs(composed)
    configs = [composer.compose_task(job) for job in jobs]
    for combination in configs:
        validate(combination)
    assert len({str(flatten(combination)) for combination in configs}) == len(jobs) > 1


@pytest.mark.parametrize("sweep", SWEEPS)
def test_the_quick_sweep_is_a_part_of_the_full_sweep(sweep: str) -> None:
    full, jobs = jobs_of(sweep)
    quick, quick_jobs = jobs_of(f"quick/{sweep}")
    assert full.hydra.sweeper.params.seed == "range(5)"
    assert len(quick_jobs) <= 40
    assert {tuple(job[:-1]) for job in quick_jobs} <= {tuple(job[:-1]) for job in jobs}
    assert {int(job[-2].removeprefix("seed=")) for job in quick_jobs} >= {0, 1}
    assert quick.epochs < full.epochs
    assert (full.data.train_size, quick.data.train_size) == (None, 5000)


@pytest.mark.parametrize("sweep", LESSONS)
def test_the_quick_sweep_of_a_lesson_is_a_part_of_the_full_one(sweep: str) -> None:
    """It has the same seeds and settings, but fewer runs or less data."""
    full, jobs = jobs_of(sweep)
    quick, quick_jobs = jobs_of(f"quick/{sweep}")
    assert {tuple(job[:-1]) for job in quick_jobs} <= {tuple(job[:-1]) for job in jobs}
    assert len(quick_jobs) < len(jobs) or quick.data.train_size < full.data.train_size
    lesson = LESSON_OF[sweep.removeprefix("lesson_")]
    assert find_lesson(quick.hydra.callbacks.sweep.lesson) is lesson
    composer = JobConfigs(quick)
    combinations = [flatten(composer.compose_task(job)) for job in quick_jobs]
    lesson.check(combinations)


def test_each_lesson_has_its_sweep() -> None:
    assert sorted(f"lesson_{name}" for name in LESSON_OF) == LESSONS


def test_each_ready_sweep_has_a_quick_size() -> None:
    assert options("sweep/quick") == sorted([*SWEEPS, *LESSONS])


def test_the_default_is_system_0() -> None:
    default = config()
    assert flatten(default) == flatten(config("experiment=system_0"))
    network = build_network(default, features=784, classes=10)
    sizes = [(l.fan_in, l.fan_out) for l in network.layers if isinstance(l, Linear)]  # noqa: E741
    assert sizes == [(784, 128), (128, 64), (64, 10)]
    optimizer = build_optimizer(default, 10)
    assert isinstance(optimizer, Adam)
    assert (optimizer.learning_rate, optimizer.beta1, optimizer.beta2) == (0.001, 0.9, 0.999)
    assert (default.data.name, default.epochs, default.batch_size) == ("mnist", 10, 64)


def test_a_preset_wins_over_the_defaults_and_an_override_over_both() -> None:
    preset = config("experiment=xor")
    assert (preset.data.name, preset.epochs, preset.batch_size) == ("xor", 100, 4)
    assert (preset.model.hidden, preset.optimizer.learning_rate) == ([8], 0.05)
    assert config("experiment=xor", "epochs=7").epochs == 7


def test_overrides_reach_the_objects() -> None:
    composed = config("model.hidden=[7]", "optimizer=sgd", "optimizer.learning_rate=0.5", "seed=3")
    network = build_network(composed, features=5, classes=2)
    assert network.layer_sizes == (7, 7, 2)
    optimizer = build_optimizer(composed, 10)
    assert isinstance(optimizer, SGD)
    assert optimizer.learning_rate == 0.5
    other = build_network(config("model.hidden=[7]", "seed=4"), features=5, classes=2)
    assert (network.parameters != other.parameters).any()


def test_no_hidden_layer_is_softmax_regression() -> None:
    assert build_network(config("model.hidden=[]"), 784, 10).layer_sizes == (10,)


def test_two_classes_under_a_sigmoid_share_one_output() -> None:
    assert build_network(config("experiment=xor"), 2, 2).layer_sizes == (8, 8, 1)


def test_logged_keys_are_the_keys_that_a_user_types() -> None:
    logged = flatten(config("model.hidden=[32,16]"))
    assert logged["model.hidden"] == [32, 16]
    assert logged["optimizer.name"] == "adam"
    assert logged["optimizer.learning_rate"] == 0.001
    assert not [key for key in logged if "_target_" in key]


def test_a_new_option_keeps_the_digest_of_runs_without_it() -> None:
    """The digest of the default config is that of runs from before these options."""
    before = "b13959063048aadcbc80b4f51c1901c9dc5eb30120a565149caf5d472a545f01"
    assert config_digest(flatten(config())) == before
    for later in (
        "epoch_samples=100",
        "model.output_scale=20",
        "augmentation=affine",
        "data.wrong_labels=0.1",
        "data.test_writers=10",
        "early_stopping.goal=0.9",
    ):
        assert config_digest(flatten(config(later))) != before
    assert config_digest(flatten(config("data.pen_strokes=unread.npz"))) == before


@pytest.mark.parametrize(
    ("override", "key", "value", "allowed"),
    [
        ("model.hiden=[1]", "model.hiden", "[1]", "did you mean hidden?"),
        ("optimzer=adam", "optimzer", "adam", "did you mean optimizer?"),
        ("+colour=red", "colour", "red", "unknown key"),
        ("optimizer=adma", "optimizer", "adma", "adam, adamw, brisk_sgd, momentum, rmsprop, sgd"),
        ("data=mnits", "data", "mnits", "mnist"),
        (
            "model.activation=rleu",
            "model.activation",
            "rleu",
            "relu, leaky_relu, elu, sigmoid, tanh",
        ),
        ("model.init=he", "model.init", "he", "he_normal"),
        ("model.bias_init=zeros:1", "model.bias_init", "zeros:1", "zeros"),
        ("optimizer.learning_rate=-1", "optimizer.learning_rate", "-1", "positive"),
        ("optimizer.learning_rate=0", "optimizer.learning_rate", "0", "positive"),
        ("optimizer.learning_rate=nan", "optimizer.learning_rate", "nan", "positive"),
        ("optimizer.learning_rate=fast", "optimizer.learning_rate", "fast", "a number"),
        ("optimizer.beta1=1", "optimizer.beta1", "1", "less than 1"),
        ("model.dropout=1", "model.dropout", "1", "less than 1"),
        ("model.input_dropout=-0.1", "model.input_dropout", "-0.1", "at least 0"),
        ("model.batch_norm=maybe", "model.batch_norm", "maybe", "true or false"),
        ("loss.label_smoothing=1", "loss.label_smoothing", "1", "less than 1"),
        ("schedule=cosin", "schedule", "cosin", "constant, cosine, one_cycle, step"),
        ("schedule.warmup=0.1", "schedule.warmup", "0.1", "unknown key"),
        ("max_gradient_norm=0", "max_gradient_norm", "0", "positive"),
        ("max_gradient_norm=long", "max_gradient_norm", "long", "a number or null"),
        ("ema_decay=1", "ema_decay", "1", "less than 1"),
        ("epoch_samples=0", "epoch_samples", "0", "1 or more"),
        ("model.output_scale=0", "model.output_scale", "0", "positive"),
        ("early_stopping.patience=0", "early_stopping.patience", "0", "1 or more"),
        ("early_stopping.patience=1.5", "early_stopping.patience", "1.5", "a whole number or null"),
        ("early_stopping.min_delta=-1", "early_stopping.min_delta", "-1", "0 or a positive"),
        ("early_stopping.goal=95", "early_stopping.goal", "95", "at most 1"),
        ("augmentation=afine", "augmentation", "afine", "affine, none"),
        ("augmentation.rotation=1", "augmentation.rotation", "1", "unknown key"),
        ("augmentation.name=affine", "augmentation.name", "affine", "choose a whole group"),
        ("augmentation._target_=os.system", "augmentation.name", "none", "not os.system"),
        ("diagnostics=perhaps", "diagnostics", "perhaps", "true or false"),
        ("model.hidden=[128,,64]", "model.hidden", "[128,,64]", "empty entries"),
        ("model.hidden=[128,null]", "model.hidden", "[128,null]", "whole numbers"),
        ("model.hidden=[128,0]", "model.hidden", "[128, 0]", "1 to 1,000,000 units"),
        ("model.hidden=128", "model.hidden", "128", "[128,64]"),
        ("batch_size=0", "batch_size", "0", "1 or more"),
        ("batch_size=1.5", "batch_size", "1.5", "a whole number"),
        ("epochs=0", "epochs", "0", "1 or more"),
        ("seed=-1", "seed", "-1", "0 or more"),
        ("threads=0", "threads", "0", "1 to 1,024"),
        ("data.val_fraction=1", "data.val_fraction", "1", "between 0 and 1"),
        ("data.test_fraction=0", "data.test_fraction", "0", "between 0 and 1"),
        ("data.test_fraction=20", "data.test_fraction", "20", "between 0 and 1"),
        ("data.test_fraction=some", "data.test_fraction", "some", "a number or null"),
        ("data.train_size=0", "data.train_size", "0", "1 or more"),
        ("data.wrong_labels=1", "data.wrong_labels", "1", "less than 1"),
        ("data.wrong_labels=some", "data.wrong_labels", "some", "a number"),
        ("data.train_size=few", "data.train_size", "few", "a whole number or null"),
        ("loss.output=softmax", "loss.output", "softmax", "logits"),
        ("loss.name=mse", "loss.name", "mse", "choose a whole group"),
        ("optimizer.name=foo", "optimizer.name", "foo", "sgd"),
        ("model.init=normal:-1", "model.init", "normal:-1", "0 or a positive number"),
        ("tracking.experiment=' '", "tracking.experiment", " ", "a name"),
        ("sweep=nope", "sweep", "nope", "quick/"),
        ("model._target_=os.system", "model.name", "mlp", "nnscratch.mlp"),
    ],
)
def test_a_mistake_is_one_line_with_key_value_and_what_is_allowed(
    override: str, key: str, value: str, allowed: str
) -> None:
    line = complaint(override)
    assert "\n" not in line
    assert line.startswith(f"{key}={value}")
    assert allowed in line


@pytest.mark.parametrize(
    ("override", "instead"),
    [
        ("+experiment=xor", "experiment=xor"),
        ("+optimizer=sgd", "optimizer=sgd"),
        ("+seed=3", "seed=3"),
        ("+tracking.experiment='a b'", "tracking.experiment='a b'"),
    ],
)
def test_a_plus_too_many_is_left_out(override: str, instead: str) -> None:
    line = complaint(override)
    assert line.startswith(f"{override}: ")
    assert line.endswith(f"without the +, {instead} replaces it")
    assert config(instead)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("seed=1,2", "seed=1,2: several values make a sweep, which needs -m"),
        ("seed=range(3)", "seed=range(3): several values make a sweep, which needs -m"),
        ("ema_decay=interval(0.9,1)", "a search takes intervals"),
    ],
)
def test_what_belongs_in_a_sweep_or_a_search_is_told_the_command(
    override: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    line = complaint(override)
    assert said in line
    assert follow(line, tmp_path).returncode == 0


def test_the_shared_part_of_the_data_sets_is_no_choice() -> None:
    assert complaint("data=_split") == (
        "data.name: has no value; choose "
        "data=mnist|mnist_uneven|mnist_and_pen|fashion_mnist|digits|xor"
    )
    assert "_split" not in complaint("data=mnits")


def test_a_key_cannot_be_removed() -> None:
    line = "~model.dropout: no key can be removed; give it another value"
    assert complaint("~model.dropout") == line


@pytest.mark.parametrize(
    ("group", "override", "allowed"),
    [
        ("loss=cross_entropy", "loss.epsilon=0.5", "between 0 and 0.5"),
        ("optimizer=sgd", "optimizer.momentum=1", "less than 1"),
        ("optimizer=sgd", "optimizer.nesterov=true", "momentum"),
        ("optimizer=rmsprop", "optimizer.decay=-0.5", "at least 0"),
        ("optimizer=rmsprop", "optimizer.epsilon=0", "positive"),
        ("optimizer=adamw", "optimizer.weight_decay=-1", "0 or a positive"),
        ("optimizer=adamw", "optimizer.beta2=1", "less than 1"),
        ("schedule=step", "schedule.every=0", "1 or more"),
        ("schedule=step", "schedule.factor=0", "more than 0"),
        ("schedule=cosine", "schedule.warmup=1", "less than 1"),
        ("schedule=cosine", "schedule.final=-1", "at least 0"),
        ("schedule=one_cycle", "schedule.start=1", "less than 1"),
        ("model.batch_norm=true", "batch_size=1", "2 or more"),
        ("augmentation=affine", "augmentation.translation=-1", "0 or a positive"),
        ("data=xor", "augmentation=affine", "xor has none"),
        ("augmentation=affine", "engine=pure_python", "augmentation=none, not affine"),
        ("optimizer=sgd", "mistake=slope_of_activation", "model.activation=sigmoid"),
        ("optimizer=adam", "mistake=update_before_propagating", "optimizer=sgd"),
        ("optimizer=momentum", "mistake=update_before_propagating", "without momentum"),
        ("seed=1", "engine=pure", "numpy, pure_python"),
        ("optimizer=adam", "engine=pure_python", "optimizer=sgd"),
        ("model.activation=tanh", "engine=pure_python", "model.activation=sigmoid or relu"),
        ("loss=mse_linear", "engine=pure_python", "loss.output=sigmoid or logits, not linear"),
        ("seed=1", "mistake=some", "slope_of_activation, update_before_propagating"),
    ],
)
def test_values_are_checked_together_with_the_chosen_groups(
    group: str, override: str, allowed: str
) -> None:
    line = complaint(group, override)
    assert line.lower().startswith(override)
    assert allowed in line


def test_the_model_group_reaches_the_layers() -> None:
    options = ["model.batch_norm=true", "model.dropout=0.2", "model.input_dropout=0.1"]
    network = build_network(config(*options, "model.activation=elu"), features=5, classes=3)
    kinds = [type(layer).__name__ for layer in network.layers]
    hidden = ["Linear", "BatchNorm", "ELU", "Dropout"]
    assert kinds == ["Dropout", *hidden, *hidden, "Linear"]


def test_adamw_does_not_decay_biases_and_batch_norm() -> None:
    """With zero gradients, only the decay changes the parameters."""
    composed = config("optimizer=adamw", "model.batch_norm=true", "optimizer.weight_decay=1")
    network = build_network(composed, features=5, classes=3)
    optimizer = build_optimizer(composed, 10)
    assert isinstance(optimizer, AdamW)
    before = network.parameters.copy()
    nothing = Dataset(np.zeros((8, 5), np.float32), np.zeros(8, int))
    loss = build_loss(composed)
    fit(network, loss, optimizer, nothing, epochs=1, batch_size=8)  # which sets the mask
    optimizer.step(network.parameters, np.zeros_like(before))
    moved = network.parameters != before
    assert not moved[~network.decay_mask].any()
    assert moved[network.decay_mask].all()


def test_a_schedule_counts_the_steps_of_all_epochs() -> None:
    """10 epochs of 7 batches; optimizer.learning_rate is the first rate, or the largest."""
    rates = {}
    for name in options("schedule"):
        composed = config(f"schedule={name}", "optimizer.learning_rate=0.5", "epochs=10")
        rate = build_schedule(composed, batches=7)
        rates[name] = [rate(step) for step in range(1, 71)]
        assert max(rates[name]) == pytest.approx(0.5, rel=1e-3)
    assert set(rates["constant"]) == {0.5}
    assert [rates["step"][step] for step in (34, 35, 69)] == pytest.approx([0.5, 0.05, 0.05])
    assert rates["cosine"][-1] < 0.01
    assert rates["one_cycle"][-1] == pytest.approx(0.5 * 4e-6)


@pytest.mark.parametrize(("typed", "meant"), [("on", True), ("off", False), ("true", True)])
def test_diagnostics_are_switched_on_and_off(typed: str, meant: bool) -> None:
    assert config(f"diagnostics={typed}").diagnostics is meant


@pytest.mark.parametrize(
    "arguments",
    [
        ["model.hiden=[1]"],
        ["model.activation=rleu"],
        ["-m", "model.init=zeros,he_norml"],
        ["-m", "optimizer=sgd,adma"],
        ["-m", "batch_size=8,0"],
        ["optimizer=null"],
        ["-m", "data=digits", "data.val_fraction=0.00001,0.1"],
        ["tracking.uri=nonsense", "data=digits"],
        ["data=digits", "data.val_fraction=0.00001"],
        ["-m", "data=digits", "data.train_size=100,100000"],
        ["-m", "data=digits", "epochs=1,2.5"],
        ["-m", "data=digits", "seed=range(0)"],
    ],
    ids=" ".join,
)
def test_the_command_exits_with_2_before_data_or_store_are_touched(
    tmp_path: Path, arguments: list[str]
) -> None:
    # A store in another folder; the command must not create it.
    store = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    done = train(tmp_path, *arguments, MLFLOW_TRACKING_URI=store)
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.strip().splitlines()
    assert "=" in line
    assert not list(tmp_path.glob("*.db"))
