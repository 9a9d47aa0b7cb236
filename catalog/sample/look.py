"""What is to be drawn: a kind of product in a colour, a pattern and a cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from catalog.sample.cloth import Cloth
from catalog.sample.palette import COLOURS, PARTNERS, RGB, darker, lighter, mixed

#: Patterns woven tone in tone rather than printed in a second colour.
_QUIET = {"herringbone", "windowpane", "pinstripes", "camouflage"}


@dataclass(frozen=True)
class Look:
    """One design in one colour. ``cut`` says what varies within the kind: sleeve, neckline, length, heel …"""

    kind: str
    colour: str
    pattern: str = "plain"
    cut: Mapping[str, str] = field(default_factory=dict)
    seed: int = 1

    @property
    def rgb(self) -> RGB:
        """The main colour."""
        return COLOURS[self.colour]

    def denim(self) -> Look:
        """Return the look in washed indigo instead of a bright blue."""
        return replace(self, colour=f"Denim {self.colour}") if f"Denim {self.colour}" in COLOURS else self

    @property
    def accent(self) -> RGB:
        """The first colour that goes with it."""
        return COLOURS[PARTNERS[self.colour][0]]

    @property
    def second(self) -> RGB:
        """The second colour that goes with it."""
        return COLOURS[PARTNERS[self.colour][1]]

    def accents(self) -> tuple[RGB, ...]:
        """Return the pattern's colours beside the main one."""
        if self.pattern in _QUIET:
            return (mixed(self.rgb, self.accent, 0.62), self.second)
        partners = tuple(COLOURS[name] for name in PARTNERS[self.colour])
        if self.pattern == "floral":
            return (partners[0], partners[2], lighter(partners[3], 0.2))
        return partners

    def cloth(
        self, texture: str = "jersey", *, scale: float = 1.0, gloss: float = 0.05, contrast: float = 0.62
    ) -> Cloth:
        """Return the look's material, with its pattern."""
        pattern = "plain" if self.pattern == "colour block" else self.pattern
        return Cloth(self.rgb, self.accents(), pattern, scale, texture, 1.0, gloss, contrast)

    def blocked(self, cloth: Cloth, *starts: float) -> Cloth:
        """Return the cloth with the colour block's bands from these heights, where the look is one."""
        if self.pattern != "colour block":
            return cloth
        tints = (self.accent, self.second)
        bands = tuple((start, tints[i % 2]) for i, start in enumerate(starts))
        return Cloth(cloth.colour, (), "plain", 1.0, cloth.texture, cloth.grain, cloth.gloss, cloth.contrast, bands)

    def get(self, what: str, default: str = "") -> str:
        """Return how the product is cut in one respect."""
        return self.cut.get(what, default)

    @property
    def lining(self) -> RGB:
        """The colour inside."""
        return darker(self.rgb, 0.32)
