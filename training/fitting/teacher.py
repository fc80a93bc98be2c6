"""What an installed model says of the pictures that are learnt from."""

import numpy as np
from torch import nn

from evaluation.describing import describe
from evaluation.description_cache import DescriptionCache
from evaluation.models import EmbeddingModel
from evaluation.watching import Watch
from retrieval.home import Home
from training.data.material import Part
from training.errors import DataInvalid, SettingsInvalid
from training.fitting.objective import Teaching
from training.losses.building import build_loss
from training.settings import TeacherSettings


def teaching(
    home: Home, settings: TeacherSettings, part: Part, *, dimension: int, threads: int, watch: Watch
) -> Teaching:
    """The teacher's embeddings, made once and kept where `likeness evaluate` keeps them.

    They are of pictures as they are, while the network sees them changed. Raises ModelError,
    DataInvalid, and SettingsInvalid where the loss wants the teacher's own dimension.
    """
    model = EmbeddingModel(home.store.load(settings.model, hint="throughput"), home.limits)
    loss: nn.Module = build_loss(settings.loss, dimension=dimension, classes=0)
    width = home.store.card(settings.model).dimension
    if settings.loss.name == "cosine-distillation" and width != dimension:
        raise SettingsInvalid(
            f"teacher.loss cosine-distillation needs vectors as long as the teacher's, and the "
            f"network's have {dimension} numbers where {settings.model}'s have {width}. Set "
            f"network.dimension to {width}, or take relational-distillation."
        )
    pictures = part.pictures.pictures
    contents = {each.content_sha256 for each in pictures}
    with watch.step(f"{settings.model}: describe pictures", len(contents)) as advance:
        described = describe(
            model,
            pictures,
            DescriptionCache(home.root / "cache" / "evaluation"),
            known=part.pictures.known.get(model.key, {}),
            threads=threads,
            advance=advance,
        )
    if described.unreadable:
        raise DataInvalid(
            f"{settings.model} cannot describe every picture that is learnt from. The first: "
            f"{next(iter(described.unreadable.values()))}"
        )
    vectors = np.stack(described.of(pictures)).astype(np.float32, copy=False)
    return Teaching(vectors, loss, settings.share)
