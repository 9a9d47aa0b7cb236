"""`manage.py evaluate_retrieval`, from a drawn set to figures, JSON and report."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from recommendations import conf
from recommendations.embedders.base import Embedder
from recommendations.evaluation import contenders
from recommendations.evaluation.baselines import ColourHistogram
from tests.catalog.inventories import line, make_zip, photos, table
from tests.factories import make_category, make_product
from tests.pictures import photo
from tests.recommendations.evaluation.drawn_set import drawn_set

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command with a colour histogram in place of every network; return what it printed."""

    def load(spec: Any, **kwargs: Any) -> Embedder:
        return ColourHistogram()

    monkeypatch.setattr(contenders, "load_embedder", load)
    monkeypatch.setattr(contenders, "MANY", 8)
    monkeypatch.setattr(contenders, "TRIES", 1)
    monkeypatch.setattr(contenders, "SINGLE_TRIES", 1)

    def run(*arguments: object) -> str:
        out = io.StringIO()
        small = ["--shopper-photos", "3", "--off-catalogue", "4"]
        call_command("evaluate_retrieval", *small, *map(str, arguments), stdout=out, stderr=io.StringIO())
        return out.getvalue()

    return run


class Links(HTMLParser):
    """Collects what a page loads, and whether anything in it needs a laxer Content-Security-Policy."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "src" or (name == "href" and tag == "link"):
                self.loads.append(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(f"{tag} {name}")
        if tag in ("script", "style"):
            self.inline.append(tag)


def test_figures_json_and_report_of_a_drawn_set(tmp_path: Path, run: Run) -> None:
    data = drawn_set(tmp_path / "set.zip")
    street = tmp_path / "photos"
    street.mkdir()
    (street / "street.jpg").write_bytes(photo("teal", (90, 90)))
    (street / "broken.jpg").write_bytes(b"no photo")
    text = run(
        "--dataset",
        data,
        "--split",
        "all",
        "--json",
        tmp_path / "a.json",
        "--report",
        tmp_path / "r",
        "--photos",
        street,
        "--off-catalogue",
        12,
    )
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [one["title"] for one in found["contenders"]] == [
        "fashion",
        "random ResNet50, max pooling",
        "colour histogram",
        "gradients (HOG)",
    ]
    for one in found["contenders"]:
        assert one["title"] in text
    assert (found["evaluated"], found["unreadable"], found["split"]["side"]) == (71, 1, "all")
    histogram, gradients = found["contenders"][0], found["contenders"][3]
    # A histogram finds the colour and hardly the shape, gradients the shape and hardly the colour.
    assert (
        histogram["labels"]["baseColour"]["precision"]["micro"]
        > gradients["labels"]["baseColour"]["precision"]["micro"]
    )
    assert gradients["labels"]["articleType"]["precision"]["micro"] > 0.9
    assert {score["name"]: score["queries"] for score in histogram["all_three"]["classes"]} == {
        "Shirts": 24,
        "Handbags": 24,
        "Belts": 23,
    }
    assert histogram["shoppers"]["rotation"]["photos"] <= 3
    assert 0 <= histogram["nothing_close"]["auc"] <= 1

    page = (tmp_path / "r" / "index.html").read_text("utf-8")
    links = Links()
    links.feed(page)
    assert links.inline == []
    assert links.loads
    assert all((tmp_path / "r" / link).is_file() for link in links.loads)
    assert json.loads((tmp_path / "r" / "results.json").read_text("utf-8")) == found
    assert re.search(r"<b>street</b><br>match: (same|close|similar|none)<", page)
    assert "✓" in page
    assert "✗" in page
    assert re.search(r"all others, for simulated shoppers", page)


def test_weights_are_compared_type_by_type_and_baselines_are_not(tmp_path: Path, run: Run) -> None:
    data = drawn_set(tmp_path / "set.zip")
    weights = ("--weights", "fashion", "imagenet", "--pooling", "max")
    text = run("--dataset", data, "--split", "all", *weights, "--json", tmp_path / "a.json")
    (comparison,) = json.loads((tmp_path / "a.json").read_text("utf-8"))["comparisons"]
    assert "imagenet" in comparison["title"]
    # The same histogram stands for both.
    assert {(change["name"], change["points"], change["queries"]) for change in comparison["changes"]} == {
        ("Shirts", 0, 24),
        ("Handbags", 0, 24),
        ("Belts", 0, 23),
    }
    assert f"against {comparison['title']}, least gained" in text


def test_only_the_side_asked_for_is_looked_at(tmp_path: Path, run: Run) -> None:
    data = drawn_set(tmp_path / "set.zip", 96)
    sizes = {}
    for side in ("train", "test", "all"):
        run("--dataset", data, "--split", side, "--no-baselines", "--json", tmp_path / "a.json")
        found = json.loads((tmp_path / "a.json").read_text("utf-8"))
        sizes[side] = found["evaluated"] + found["unreadable"]
        assert sizes[side] == (96 if side == "all" else found["split"]["products"][side])
        assert (found["split"]["identical_photos"] is None) == (side != "test")
    assert sizes["train"] > sizes["test"] > 0


def test_a_second_run_says_the_same_without_embedding_again(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = drawn_set(tmp_path / "set.zip")
    command = ["--dataset", data, "--split", "all", "--no-baselines", "--json"]
    run(*command, tmp_path / "first.json")
    seen: list[int] = []
    embed = ColourHistogram._embed

    def counted(self: ColourHistogram, images: Sequence[Image.Image]) -> Any:
        seen.append(len(images))
        return embed(self, images)

    monkeypatch.setattr(ColourHistogram, "_embed", counted)
    run(*command, tmp_path / "second.json")
    # What speed is measured with, and nothing else.
    assert sum(seen) == 8 + 1 + 8 + 1
    first, second = (json.loads((tmp_path / f"{name}.json").read_text("utf-8")) for name in ("first", "second"))
    for found in (first, second):
        del found["created"], found["contenders"][0]["speed"]
    assert first == second
    run(*command, tmp_path / "second.json", "--fresh")
    assert sum(seen) > 100


@pytest.mark.django_db
def test_the_shops_own_catalogue_is_measured_without_a_set(run: Run, tmp_path: Path) -> None:
    for n, colour in enumerate(["red", "red", "blue", "blue", "green"]):
        make_product(colour, name=f"Shirt {n}", colour=colour, gender="Men", category=make_category("Shirts"))
    run("--no-baselines", "--json", tmp_path / "a.json", "--report")
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert (found["evaluated"], found["split"]["side"]) == (5, "all")
    assert (conf.report_dir() / sorted(path.name for path in conf.report_dir().iterdir())[-1] / "index.html").is_file()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--dataset", "nowhere.zip"], "cannot be read"),
        (["--weights", "nonsense", "--dataset", "nowhere.zip"], "Weights are"),
        ([], "labels"),
    ],
)
def test_what_cannot_be_measured_is_said_in_words(run: Run, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path, run: Run) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "diary.txt").write_text("mine", "utf-8")
    command = ["--dataset", drawn_set(tmp_path / "set.zip"), "--split", "all", "--no-baselines", "--report"]
    with pytest.raises(CommandError, match="no report"):
        run(*command, tmp_path / "home")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["diary.txt"]
    for _ in range(2):
        run(*command, tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "index.html",
        "pictures",
        "results.json",
        "style.css",
    ]


def test_hostile_words_of_a_set_stay_words(tmp_path: Path, run: Run) -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    rows = [line(n, f"{evil} {n}".replace('"', "'"), colour="<b>red</b>") for n in range(4)]
    data = make_zip(tmp_path / "set.zip", table(rows), photos(*range(4)))
    run("--dataset", data, "--split", "all", "--no-baselines", "--report", tmp_path / "r")
    links = Links()
    links.feed((tmp_path / "r" / "index.html").read_text("utf-8"))
    assert links.inline == []
    assert "x" not in links.loads


@pytest.mark.network
def test_the_real_network_tells_drawn_things_apart(tmp_path: Path) -> None:
    data = drawn_set(tmp_path / "set.zip", 24)
    command = ["--dataset", data, "--split", "all", "--no-baselines", "--shopper-photos", 1, "--off-catalogue", 2]
    call_command(
        "evaluate_retrieval",
        *map(str, command),
        "--json",
        str(tmp_path / "a.json"),
        stdout=io.StringIO(),
        stderr=io.StringIO(),
    )
    (found,) = json.loads((tmp_path / "a.json").read_text("utf-8"))["contenders"]
    assert found["name"].startswith("resnet50-fashion-")
    assert found["labels"]["articleType"]["precision"]["micro"] > 0.8
    assert found["speed"]["photos_per_second"] > 0
