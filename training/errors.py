"""What can go wrong when training; every message says what to do.

TrainingError
├── DataInvalid          nothing, or too little, to learn from
├── SettingsInvalid      a configuration that cannot be followed
├── CheckpointInvalid    a run that cannot be taken up where it stopped
├── Diverged             a loss that is no number any more
└── TrainingExtraMissing a package of the extra `training` is not installed
"""


class TrainingError(Exception):
    """Base of all errors of this package."""


class DataInvalid(TrainingError):
    """There is nothing to learn from, or too little, or it contradicts itself."""


class SettingsInvalid(TrainingError):
    """A configuration holds what cannot be followed."""


class CheckpointInvalid(TrainingError):
    """A run cannot be taken up again: its files are damaged, or of another configuration."""


class Diverged(TrainingError):
    """The loss is no number any more."""


class TrainingExtraMissing(TrainingError):
    """Training networks needs packages that this installation does not have."""
