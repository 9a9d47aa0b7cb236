"""Everything that can go wrong, in one family."""

from __future__ import annotations


class VogueError(Exception):
    """Base of all errors Vogue raises on purpose. The message says what to do."""


class InvalidImageError(VogueError):
    """The bytes are not a picture we read. ``code`` is stable, the message is for people.

    Codes: ``empty``, ``too_large`` (bytes), ``unsupported_type``, ``too_many_pixels``, ``bad_dimensions``,
    ``too_small``, ``animated``, ``truncated`` (also any damage found while reading).
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class WeightsError(VogueError):
    """Weights are missing, damaged, or not the ones expected."""


class SwitchPendingError(WeightsError):
    """The embedder that answers cannot be loaded any more, and the next one has not seen every photo yet."""


class EngineError(VogueError):
    """The network cannot run: engine not installed, loaded before a fork, or its output is not usable."""


class IndexUnavailableError(VogueError):
    """There is nothing to search yet."""


class ReleaseError(VogueError):
    """A release on disk is incomplete, damaged, or not what its manifest says."""


class StorageError(ReleaseError):
    """The storage releases travel through cannot be read or written."""


class EmbedderMismatchError(VogueError):
    """A vector of one embedder met an index of another."""


class BusyError(VogueError):
    """Another process is already building."""


class BuildError(VogueError):
    """A build was not good enough, or could not be written; the live release stays."""


class DatasetError(VogueError):
    """A labelled set cannot be used at all."""


class TrainingError(VogueError):
    """A training cannot start, go on, or be resumed as asked."""
