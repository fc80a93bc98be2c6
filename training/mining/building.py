"""Settings to miner."""

from torch import nn

from training.mining.curriculum import CurriculumPairMiner
from training.mining.noisy_positives import NoisyPositivesDropped
from training.mining.settings import MiningSettings
from training.mining.triplets import HardMiner, SemiHardMiner


def build_miner(settings: MiningSettings) -> nn.Module | None:
    """`miner(embeddings, labels)` -> indices for a loss; None where the loss is to see all.

    A CurriculumPairMiner, alone or as `.miner` of NoisyPositivesDropped, wants to be told how far
    the training is (`advance`).
    """
    miner = _chosen(settings)
    if settings.noise_bound is None:
        return miner
    return NoisyPositivesDropped(miner, settings.noise_bound)


def _chosen(settings: MiningSettings) -> nn.Module | None:
    match settings.name:
        case "all":
            return None
        case "semi-hard":
            return SemiHardMiner(settings.gap)
        case "hard":
            return HardMiner()
        case "curriculum":
            return CurriculumPairMiner(settings.share)
