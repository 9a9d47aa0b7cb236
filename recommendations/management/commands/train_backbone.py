"""`manage.py train_backbone`: train the eye on labelled products, measure it, leave weights to install."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommendations import conf
from recommendations.evaluation.contenders import choose_contenders
from recommendations.evaluation.dataset import LabelledSet, open_dataset, shop_dataset
from recommendations.evaluation.evaluate import Plan, evaluate
from recommendations.evaluation.split import SIDES
from recommendations.evaluation.terminal import as_text
from recommendations.exceptions import TrainingError, VogueError
from recommendations.gallery import get_gallery
from recommendations.management.progress import progress
from recommendations.training.recipe import LABEL_WEIGHTS, PRECISIONS, STAGES, TAPS, Recipe
from recommendations.training.schedule import Stage, parse_stages

LICENCE = "As stated by the publisher of the data set. Say here what your own data allows."


class Command(BaseCommand):
    """Train the backbone."""

    help = (
        "Train the network on labelled products, starting from given weights: what learns opens from the last layers "
        "down. Goes on where it was with --resume. Ends by measuring the new weights against those in use. See "
        "docs/training.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add, standard = parser.add_argument, Recipe()
        add("--dataset", type=Path, help="a folder or zip with styles.csv and images/; default: the shop's catalogue")
        add("--out", type=Path, default=Path("training"), metavar="DIR", help="for weights, checkpoints and logs")
        add("--name", default="trained", help="of the weights: DIR/NAME.npz, .json and .md")
        add("--limit", type=int, metavar="N", help="train on this many products of the set, spread over it")
        add("--weights", default=standard.weights, help="start from: fashion, imagenet, a file, or scratch")
        add("--stages", default=STAGES, help="DEPTH:EPOCHS@RATE,…; depths: labels, head, conv5, conv4, conv3, all")
        add(
            "--distil",
            type=float,
            default=standard.distil,
            metavar="PART",
            help="first: fit the projection to changed views, which count PART beside their photo",
        )
        add(
            "--teacher",
            type=float,
            default=standard.teacher,
            metavar="PART",
            help="learn no labels, but to say of changed views what was said of the photo; PART times the loss",
        )
        add(
            "--learned",
            type=float,
            default=standard.learned,
            metavar="SHARE",
            help="of what was learned, kept at the end",
        )
        add(
            "--label-dimensions",
            type=int,
            default=standard.label_dimensions,
            metavar="M",
            help="tell labels from a projection of their own; 0: from the embedding",
        )
        add("--views", type=int, default=standard.views, help="kept views of each photo; 0: new ones at every step")
        add("--input-size", type=int, default=standard.input_size, metavar="PX", help="side of the square it sees")
        add("--dimensions", type=int, default=standard.dimensions, metavar="D", help="of the embedding")
        add("--taps", nargs="*", default=list(TAPS), metavar="LAYER", help="earlier layers that join the last features")
        add("--label", nargs="+", metavar="L=W", help="labels to learn and their parts; A+B=W for two joined")
        add(
            "--carry", nargs="+", metavar="L=W", help="labels in the embedding, with weights; default: chosen by itself"
        )
        add("--batch", type=int, default=standard.batch, metavar="N", help="products a step sees, two views of each")
        add("--instance", type=float, default=standard.instance, help="part of finding one's own other view")
        add("--weight-decay", type=float, default=standard.weight_decay)
        add("--tolerance", type=float, default=standard.tolerance, help="recall given up for neighbours of one label")
        add("--ema", type=float, default=standard.ema, help="share of the old in the running mean that is kept")
        add("--patience", type=int, default=standard.patience, help="epochs without progress that end it")
        add("--precision", choices=PRECISIONS, default=standard.precision)
        add("--seed", type=int, default=standard.seed, help="one seed, one result")
        add("--resume", action="store_true", help="go on from the checkpoint in DIR")
        add("--shopper-photos", type=int, default=200, metavar="N", help="simulated photos per family at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        stream: TextIO = getattr(self.stderr, "_out", sys.stderr)
        folder: Path = options["out"]
        try:
            recipe = _recipe(options)
            checkpoint = folder / "checkpoint.npz"
            if checkpoint.exists() and not options["resume"]:
                raise TrainingError(f"{checkpoint} is there already. Go on with --resume, or name another folder.")
            folder.mkdir(parents=True, exist_ok=True)
            with self._dataset(options) as labelled:
                self._train(labelled, recipe, folder, options, stream)
        except VogueError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or 'A file'}: {error.strerror or error}.") from error

    @contextmanager
    def _dataset(self, options: dict[str, Any]) -> Iterator[LabelledSet]:
        if options["dataset"]:
            with open_dataset(options["dataset"], limit=options["limit"]) as labelled:
                yield labelled
        else:
            yield shop_dataset(get_gallery(), limit=options["limit"])

    def _train(
        self, labelled: LabelledSet, recipe: Recipe, folder: Path, options: dict[str, Any], stream: TextIO
    ) -> None:
        # Keras takes seconds to import, and decides its backend then: not before the options are known to be good.
        from recommendations.training.export import Facts, as_tensorboard, model_card, write_weights  # noqa: PLC0415
        from recommendations.training.session import finish, prepare_run  # noqa: PLC0415

        shown = partial(progress, stream)
        with as_tensorboard(folder / "logs") as board:
            told = _Told(self.stdout.write, board)
            run = prepare_run(
                recipe, labelled.on("train"), labelled.on("validation"), folder=folder, told=told, shown=shown
            )
            history = run.train()
        arrays, label_weights = finish(run)
        facts = Facts(
            dataset=labelled.name,
            products={part: len(labelled.on(part)) for part in SIDES},
            families={part: len({item.family for item in labelled.on(part)}) for part in SIDES},
            classes={label: len(known.names) for label, known in run.labels.classes.items()},
            history=history,
            licence=LICENCE,
        )
        path = folder / f"{options['name']}.npz"
        write_weights(path, arrays, recipe, preset=options["name"], label_weights=label_weights, facts=facts)
        self.stdout.write(f"The weights are in {path}. Measuring them against those in use.")
        comparison = self._compare(labelled, path, options, shown)
        path.with_suffix(".md").write_text(model_card(recipe, facts, label_weights, comparison), "utf-8")
        self.stdout.write(comparison)
        self.stdout.write(f"To use them: VOGUE_WEIGHTS={path.absolute()}, then manage.py embed_products.")

    def _compare(self, labelled: LabelledSet, path: Path, options: dict[str, Any], shown: Any) -> str:
        own = conf.get("WEIGHTS")
        contenders = choose_contenders(
            [str(path), own],
            poolings=[conf.get("POOLING")] if conf.get("POOLING") else [],
            expected_sha256={own: conf.get("WEIGHTS_SHA256")},
            engine=conf.get("ENGINE"),
            cache_dir=conf.engine_dir(),
            baselines=False,
        )
        plan = Plan(shoppers=options["shopper_photos"], foreign=0, seed=options["seed"])
        results, _pictures = evaluate(labelled, contenders, plan, cache_dir=conf.evaluation_dir(), progress=shown)
        return as_text(results)


class _Told:
    """Writes a line now and then, and TensorBoard's logs all the time."""

    def __init__(self, write: Any, board: Any) -> None:
        self.write, self.board, self.steps = write, board, 0

    def step(self, stage: Stage, step: int, steps: int, loss: float, rate: float) -> None:
        self.board.add_scalar("train/loss", loss, self.steps)
        self.board.add_scalar("train/rate", rate, self.steps)
        if step % max(1, steps // 20) == 0 or step + 1 == steps:
            self.write(f"{stage}: step {step + 1:,} of {steps:,}, loss {loss:.3f}")
        self.steps += 1

    def epoch(self, number: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            # TensorBoard's names have no @ and no +.
            self.board.add_scalar(f"validation/{name.replace('@', '_').replace('+', '_')}", value, number)
        told = ", ".join(f"{name} {value:.3f}" for name, value in figures.items() if not name.endswith("loss"))
        self.write(f"epoch {number}: {told}")


def _recipe(options: Mapping[str, Any]) -> Recipe:
    known = {each.name for each in fields(Recipe)}
    values = {name: value for name, value in options.items() if name in known}
    values |= {"stages": parse_stages(options["stages"]), "taps": tuple(options["taps"])}
    if options["label"]:
        values["label_weights"] = dict(_label(text) for text in options["label"])
    else:
        values["label_weights"] = dict(LABEL_WEIGHTS)
    values["carried"] = dict(_label(text) for text in options["carry"] or [])
    return Recipe(**values)


def _label(text: str) -> tuple[str, float]:
    label, _, weight = text.rpartition("=")
    try:
        return label or text, float(weight)
    except ValueError as error:
        raise TrainingError(f"A label and its part are written NAME=0.5; got {text!r}.") from error
