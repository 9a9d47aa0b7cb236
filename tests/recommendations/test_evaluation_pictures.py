"""Simulated shopper photos and pictures of no product: the same from the same seed, and what they claim to be."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageChops

from recommendations.evaluation import off_catalogue
from recommendations.evaluation.cut_out import cut_out
from recommendations.evaluation.shopper_photos import FAMILIES, simulate
from tests.pictures import COLOURS, picture, shirt


def apart(a: Image.Image, b: Image.Image) -> float:
    """Return by how many grey levels two pictures of one size differ on average."""
    return float(np.abs(np.asarray(a, float) - np.asarray(b, float)).mean())


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_takes_the_same_photo_and_another_seed_another(family: str) -> None:
    product = shirt("red", (60, 80))
    first, again, other = (simulate(product, family, seed) for seed in (5, 5, 6))
    assert first.tobytes() == again.tobytes()
    assert (first.tobytes() == other.tobytes()) == (family == "jpeg")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("size", [(60, 80), (1, 1), (3, 500), (1500, 900)])
def test_a_photo_of_any_size_becomes_one_of_a_telephones_thumbnail(family: str, size: tuple[int, int]) -> None:
    photo = simulate(shirt("blue", size), family, 0)
    assert photo.mode == "RGB"
    assert max(photo.size) <= 640
    assert min(photo.size) >= 8


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_changes_the_photo_and_leaves_the_product_to_be_seen(family: str) -> None:
    product = shirt("red", (240, 320))
    for seed in range(4):
        photo = simulate(product, family, seed)
        pixels = np.asarray(photo.convert("HSV"), int)
        hue = (pixels[..., 0] + 20) % 256
        red = (hue < 40) & (pixels[..., 1] > 70) & (pixels[..., 2] > 40)
        assert red.mean() > 0.06
        if photo.size == product.size:
            assert apart(photo, product) > 0.3


def test_a_mode_with_transparency_is_seen_on_white() -> None:
    see_through = Image.new("RGBA", (100, 100), (255, 0, 0, 0))
    assert np.asarray(simulate(see_through, "jpeg", 0)).min() > 250


def test_an_unknown_family_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="background, crop"):
        simulate(picture(), "upside-down", 0)


def test_the_background_is_replaced_behind_the_product_only() -> None:
    for seed in range(6):
        photo = simulate(shirt("blue", (240, 320)), "background", seed)
        corner = np.asarray(photo.crop((0, 0, 30, 30)), float)
        middle = np.asarray(photo.crop((110, 150, 130, 170)), float)
        assert np.abs(corner - 255).mean() > 10
        assert np.abs(middle - COLOURS["blue"]).mean() < 12


def test_white_inside_the_product_is_not_background() -> None:
    product = shirt("green", (240, 320))
    product.paste((255, 255, 255), (105, 150, 135, 190))
    alpha = np.asarray(cut_out(product).getchannel("A"))
    assert alpha[170, 120] == 255
    assert alpha[5, 5] == 0
    assert alpha[100, 120] == 255


def test_a_photo_without_plain_ground_is_kept_whole() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (90, 60, 3), np.uint8)
    cut = cut_out(Image.fromarray(noise))
    assert np.asarray(cut.getchannel("A")).min() == 255
    plain = cut_out(picture("red"))
    assert np.asarray(plain.getchannel("A")).min() == 255


def test_all_families_together_stay_readable_and_differ_from_each_by_itself() -> None:
    product = shirt("teal", (240, 320))
    everything = simulate(product, "everything", 1)
    assert ImageChops.difference(everything, product.resize(everything.size)).getbbox() is not None
    assert np.asarray(everything).std() > 15


def test_off_catalogue_pictures_come_in_many_kinds_and_again_from_the_same_seed() -> None:
    count = len(off_catalogue.KINDS)
    first, again = off_catalogue.pictures(count + 1, seed=3), off_catalogue.pictures(count + 1, seed=3)
    assert count >= 8
    assert [kind for kind, _ in first] == [*off_catalogue.KINDS, next(iter(off_catalogue.KINDS))]
    assert [image.tobytes() for _, image in first] == [image.tobytes() for _, image in again]
    assert len({image.tobytes() for _, image in first}) == count + 1
    assert first[0][1].tobytes() != off_catalogue.pictures(1, seed=4)[0][1].tobytes()


def test_some_kinds_can_be_kept_for_later() -> None:
    made = off_catalogue.pictures(5, seed=0, kinds=("chart", "sky"))
    assert [kind for kind, _ in made] == ["chart", "sky", "chart", "sky", "chart"]
    assert all(image.mode == "RGB" and 100 <= max(image.size) <= 480 for _, image in made)
