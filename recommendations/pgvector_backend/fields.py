"""pgvector's ``halfvec`` for Django, as far as Vogue needs it: text in, text out, one operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Cast
from numpy.typing import NDArray

if TYPE_CHECKING:
    Field = models.Field[Any, Any]
else:
    # Django's own class takes no type parameters while the program runs.
    Field = models.Field


class HalfVectorField(Field):
    """A vector of half-precision numbers, as pgvector's text: ``[0.25,-1,…]``.

    Args:
        dimensions: its length; any, where not given. An HNSW index needs it fixed.
    """

    def __init__(self, *args: Any, dimensions: int | None = None, **kwargs: Any) -> None:
        self.dimensions = dimensions
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self.dimensions is not None:
            kwargs["dimensions"] = self.dimensions
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:  # noqa: ARG002 (Django's signature)
        return "halfvec" if self.dimensions is None else f"halfvec({self.dimensions})"


class CosineDistance(models.Func):
    """``vector <=> query``: 0 is the same direction, 2 the opposite.

    The cast to fixed dimensions is the expression the HNSW index is made of: without it the index is not used.
    """

    arg_joiner = " <=> "
    template = "(%(expressions)s)"
    output_field = models.FloatField()

    def __init__(self, field: str, unit: NDArray[np.float32]) -> None:
        kind = HalfVectorField(dimensions=len(unit))
        super().__init__(Cast(field, kind), Cast(models.Value(as_text(unit), output_field=kind), kind))


def as_text(vector: NDArray[np.float32]) -> str:
    """Return the vector as pgvector reads it."""
    return f"[{','.join(f'{number:.7g}' for number in vector.tolist())}]"
