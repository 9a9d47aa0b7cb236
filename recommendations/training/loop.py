"""The loop: stages, steps, a running mean of the weights, validation, early end, checkpoints to the step."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from recommendations.training import checkpoint
from recommendations.training.classes import Classes
from recommendations.training.fusion import served_figures
from recommendations.training.network import Student, Top, Trainable
from recommendations.training.recipe import Recipe
from recommendations.training.schedule import Stage, one_cycle
from recommendations.training.validation import validate, watched
from recommendations.training.views import Arrays, Views, one_ahead

logger = logging.getLogger(__name__)

MOMENTUM = 0.9
CLIP = 10.0
VALIDATION_CHUNK = 64


class Told(Protocol):
    """Hears of a training's progress."""

    def step(self, stage: Stage, step: int, steps: int, loss: float, rate: float) -> None: ...

    def epoch(self, number: int, figures: Mapping[str, float]) -> None: ...


@dataclass(frozen=True)
class Lesson:
    """One stage made ready: the network that learns, fed with these views of the products that train and that watch."""

    stage: Stage
    model: Trainable | Student
    train: Views
    validation: Views
    #: What the network is to say of each product that trains: rows (n, …) by the name of the output.
    answers: Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Labels:
    """The labels of the products that train, as class numbers (n,), and of those that watch, as words."""

    numbers: Mapping[str, NDArray[np.int32]]
    watched: Sequence[Mapping[str, str]]
    classes: Mapping[str, Classes]

    @property
    def count(self) -> int:
        """How many products train."""
        return len(next(iter(self.numbers.values())))


@dataclass
class Run:
    """One training, from a filled ``Top``. ``train`` leaves the best epoch's weights in it."""

    recipe: Recipe
    top: Top
    labels: Labels
    #: Makes a stage ready; called when its turn comes.
    lesson: Callable[[Stage], Lesson]
    folder: Path
    told: Told
    #: What ``top.variables`` were before the first stage, where less than all that is learned is kept.
    start: Sequence[NDArray[np.floating]]
    #: Steps between checkpoints within an epoch.
    save_every: int = 200
    #: Called after every step; a test stops a training with it.
    after_step: Callable[[int], None] = lambda _step: None

    def train(self) -> list[dict[str, float]]:
        """Train, or go on from the folder's checkpoint; return the figures of every epoch."""
        state = checkpoint.load(self._path, recipe=self.recipe.digest())
        self.history: list[dict[str, float]] = list(state.notes["history"]) if state else []
        self.best_figure: float = state.notes["best_figure"] if state else -1.0
        self.waited: int = state.notes["waited"] if state else 0
        for number, stage in enumerate(self.recipe.stages):
            if state and number < state.stage:
                continue
            resumed = state if state and number == state.stage else None
            self.now = self.lesson(stage)
            if not self._train_stage(number, resumed):
                break
        return self.history

    @property
    def _path(self) -> Path:
        return self.folder / "checkpoint.npz"

    def _train_stage(self, number: int, resumed: checkpoint.Checkpoint | None) -> bool:
        """Train one stage; return False where the training ends early."""
        stage, model = self.now.stage, self.now.model
        self.top.learn(stage.depth, norms=isinstance(model, Trainable))
        optimizer = keras.optimizers.SGD(
            1e-3, momentum=MOMENTUM, nesterov=True, global_clipnorm=CLIP, weight_decay=self.recipe.weight_decay
        )
        # Matrices only: what scales and shifts is free.
        optimizer.exclude_from_weight_decay(var_list=[w for w in model.trainable_variables if len(w.shape) < 2])
        # TensorFlow's own kernels: on a processor a step takes three quarters of the time XLA's takes.
        model.compile(optimizer=optimizer, jit_compile=False if keras.backend.backend() == "tensorflow" else "auto")
        optimizer.build(model.trainable_variables)
        self.mean = model.get_weights()
        self.best = [array.copy() for array in self.mean]
        if resumed:
            self._take_up(resumed, optimizer)
        elif not self.history or self.recipe.stages[number - 1].depth == "labels" != stage.depth:
            # What was best at labels alone was judged otherwise (see ``watched``).
            self.best_figure = -1.0
            self._epoch_ends()
        per_epoch = max(1, self.labels.count // self.recipe.batch)
        steps = max(1, round(stage.epochs * per_epoch))
        go_on = self.waited < self.recipe.patience
        for step, (inputs, answers) in self._batches(number, resumed.step if resumed else 0, steps, per_epoch):
            if not go_on:
                break
            optimizer.learning_rate = rate = one_cycle(step, steps, stage.rate)
            loss = model.train_on_batch(inputs, answers)
            self._follow(step)
            self.told.step(stage, step, steps, float(np.mean(loss)), rate)
            done = step + 1
            if done % per_epoch == 0 or done == steps:
                go_on = self._epoch_ends()
            if done % self.save_every == 0 or done % per_epoch == 0 or done == steps:
                self._save(number, done, optimizer)
            self.after_step(step)
        # The next stage begins with the best there is.
        model.set_weights(self.best)
        return go_on

    def _take_up(self, state: checkpoint.Checkpoint, optimizer: Any) -> None:
        self.now.model.set_weights(state.weights)
        self.mean, self.best = list(state.mean), list(state.best)
        for variable, array in zip(optimizer.variables, state.optimizer, strict=True):
            variable.assign(array)

    def _batches(
        self, stage: int, first: int, steps: int, per_epoch: int
    ) -> Iterator[tuple[int, tuple[Arrays, dict[str, NDArray[Any]]]]]:
        """Return each step with its batch, one drawn ahead while the last is learned from."""
        return one_ahead(lambda step: (step, self._batch(stage, step, per_epoch)), range(first, steps))

    def _batch(self, stage: int, step: int, per_epoch: int) -> tuple[Arrays, dict[str, NDArray[Any]]]:
        """Return a step's inputs and answers: of the seed, the stage and the step, whatever came before."""
        epoch, place = divmod(step, per_epoch)
        order = np.random.default_rng([self.recipe.seed, stage, epoch]).permutation(self.labels.count)
        # In the order of the file they may be read from.
        rows = np.sort(order[place * self.recipe.batch : (place + 1) * self.recipe.batch])
        inputs = self.now.train.pairs(rows, np.random.default_rng([self.recipe.seed, stage, epoch, place]))
        return inputs, {name: np.concatenate([each[rows]] * 2) for name, each in self.now.answers.items()}

    def _follow(self, step: int) -> None:
        """Move the running mean of the weights; at first it is the mean of what there is."""
        new = np.float32(1 - min(self.recipe.ema, (step + 1) / (step + 10)))
        now = self.now.model.get_weights()
        # Written so that what is frozen stays to the last bit.
        self.mean = [mean + (array - mean) * new for mean, array in zip(self.mean, now, strict=True)]

    def _epoch_ends(self) -> bool:
        """Validate, keep what is best; return False where nothing got better for too long."""
        figures = self._validated(self.mean)
        self.history.append(figures)
        self.told.epoch(len(self.history) - 1, figures)
        figure = watched(figures, depth=self.now.stage.depth)
        if figure > self.best_figure:
            self.best, self.best_figure, self.waited = [w.copy() for w in self.mean], figure, 0
            return True
        self.waited += 1
        return self.waited < self.recipe.patience

    def _validated(self, weights: Sequence[NDArray[Any]]) -> dict[str, float]:
        """Return the figures of these weights; the network keeps its own."""
        model = self.now.model
        own = model.get_weights()
        model.set_weights(weights)
        rows = np.arange(len(self.labels.watched))
        plain, changed = (self.outputs(rows, view) for view in (0, 1))
        model.set_weights(own)
        told = validate(plain, self.labels.watched, self.labels.classes)
        return told | served_figures(plain, [changed], self.labels.watched)

    def outputs(self, rows: NDArray[np.intp], view: int) -> dict[str, NDArray[np.float32]]:
        """Return what the network says of a view of products that watch: ``embedding`` and each label's cosines."""
        found: dict[str, list[NDArray[np.float32]]] = {}
        for start in range(0, len(rows), VALIDATION_CHUNK):
            inputs = self.now.validation.fixed(rows[start : start + VALIDATION_CHUNK], view)
            for name, array in self.now.model.predict_on_batch(inputs).items():
                found.setdefault(name, []).append(np.asarray(array))
        return {name: np.concatenate(arrays) for name, arrays in found.items()}

    def _save(self, stage: int, step: int, optimizer: Any) -> None:
        notes = {"history": self.history, "best_figure": self.best_figure, "waited": self.waited}
        moments = [np.asarray(variable) for variable in optimizer.variables]
        state = checkpoint.Checkpoint(stage, step, self.now.model.get_weights(), self.mean, self.best, moments, notes)
        checkpoint.save(self._path, state, recipe=self.recipe.digest())
