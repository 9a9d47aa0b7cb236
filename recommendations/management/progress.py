"""A progress bar on a terminal, plain lines elsewhere.

The shop and the plugin have this file each, word for word (a test sees to it): either must run without the other, and
neither may import the other.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOBase
from typing import Protocol, TextIO

from tqdm import tqdm

EVERY_SECONDS = 5.0


class Progress(Protocol):
    """Call ``update`` with how many more are done."""

    def update(self, n: int) -> object: ...


class _Lines:
    """One line every few seconds: for logs."""

    def __init__(self, stream: TextIO | TextIOBase, total: int, words: str) -> None:
        self._stream, self._total, self._words = stream, total, words
        self._done = 0
        self._said = time.monotonic()

    def update(self, n: int) -> None:
        self._done += n
        if time.monotonic() - self._said >= EVERY_SECONDS:
            self._said = time.monotonic()
            self._stream.write(f"{self._words}: {self._done:,} of {self._total:,}\n")
            self._stream.flush()


@contextmanager
def progress(stream: TextIO | TextIOBase, total: int, words: str) -> Iterator[Progress]:
    """Show how far ``words`` ("Embedding photos") is, on ``stream``."""
    if stream.isatty():
        with tqdm(total=total, desc=words, file=stream, dynamic_ncols=True) as bar:
            yield bar
    else:
        yield _Lines(stream, total, words)
