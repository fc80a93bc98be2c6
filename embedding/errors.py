"""What can go wrong between the bytes of a picture and its embedding.

EmbeddingError
├── PictureError                 the picture cannot be used
│   ├── PictureUnreadable        empty, truncated or corrupt
│   ├── PictureUnsupported       a format that is not opened; the message names it
│   └── PictureTooLarge          too many bytes, too many pixels, or a side too long
├── RegionInvalid                a region that is no part of a picture
├── WeightsInvalid               weights that do not fit the parts of a fused model
└── ModelError                   the model cannot be used
    ├── ModelUnknown             no model and no backbone of that name
    ├── ModelNotInstalled        a known backbone that is not in the store yet
    ├── ModelBroken              incomplete folder, wrong checksum, bad card
    ├── ModelExtraMissing        torch and timm are needed to export, and are not installed
    ├── WeightsUnavailable       pretrained weights could not be had
    ├── ExportMismatch           the exported model disagrees with torch
    ├── CalibrationMissing       too few pictures to make a model's int8 variant
    └── QuantisingFailed         a network that cannot be made int8

Every class has a `code`, a stable slug for machines. The text of an error is one or more full
sentences for the user: what was wrong, where, and what to do.
"""

from typing import ClassVar


class EmbeddingError(Exception):
    """Base of everything `embedding` raises on purpose."""

    code: ClassVar[str] = "embedding-error"


class PictureError(EmbeddingError):
    """The picture cannot be used; another picture may work."""

    code: ClassVar[str] = "picture-error"


class PictureUnreadable(PictureError):
    """The bytes are empty, truncated or corrupt."""

    code: ClassVar[str] = "picture-unreadable"


class PictureUnsupported(PictureError):
    """The bytes are of a format that is not opened."""

    code: ClassVar[str] = "picture-unsupported"


class PictureTooLarge(PictureError):
    """The picture has more bytes or pixels than allowed."""

    code: ClassVar[str] = "picture-too-large"


class RegionInvalid(EmbeddingError):
    """A region that cannot be read, or that is not a part of its picture."""

    code: ClassVar[str] = "region-invalid"


class WeightsInvalid(EmbeddingError):
    """Weights that cannot be read, or that name no parts of the model."""

    code: ClassVar[str] = "weights-invalid"


class ModelError(EmbeddingError):
    """The model cannot be used; the picture is not at fault."""

    code: ClassVar[str] = "model-error"


class ModelUnknown(ModelError):
    """Neither an installed model nor a backbone that could be installed has this name."""

    code: ClassVar[str] = "model-unknown"


class ModelNotInstalled(ModelError):
    """A known backbone that nobody has added yet; the message holds the command that does."""

    code: ClassVar[str] = "model-not-installed"


class ModelBroken(ModelError):
    """A model folder is incomplete, fails its checksum, or has a card that makes no sense."""

    code: ClassVar[str] = "model-broken"


class ModelExtraMissing(ModelError):
    """Exporting needs the optional packages of the extra `models`."""

    code: ClassVar[str] = "models-extra-missing"


class WeightsUnavailable(ModelError):
    """Pretrained weights were neither reachable at the hub nor given as a file."""

    code: ClassVar[str] = "weights-unavailable"


class ExportMismatch(ModelError):
    """The exported model does not reproduce the embeddings of torch."""

    code: ClassVar[str] = "export-mismatch"


class CalibrationMissing(ModelError):
    """Too few pictures to calibrate an int8 variant on and to measure it."""

    code: ClassVar[str] = "calibration-missing"


class QuantisingFailed(ModelError):
    """A network that cannot be made int8: an operation or a shape that is not supported."""

    code: ClassVar[str] = "quantising-failed"
