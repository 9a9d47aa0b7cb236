"""How far long work is: a bar on a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOBase
from typing import TextIO

from tqdm import tqdm

EVERY_SECONDS = 5.0


@contextmanager
def progress(stream: TextIO | TextIOBase, total: int, words: str) -> Iterator[Callable[[int], object]]:
    """Show how far ``words`` ("Importing") is; gives a function to call with how many more are done."""
    if stream.isatty():
        with tqdm(total=total, desc=words, file=stream, dynamic_ncols=True) as bar:
            yield bar.update
        return
    done, said = 0, time.monotonic()

    def update(n: int) -> None:
        nonlocal done, said
        done += n
        if time.monotonic() - said >= EVERY_SECONDS:
            said = time.monotonic()
            stream.write(f"{words}: {done:,} of {total:,}\n")
            stream.flush()

    yield update
