import torch

from training.mining.building import build_miner
from training.mining.curriculum import CurriculumPairMiner
from training.mining.noisy_positives import NoisyPositivesDropped
from training.mining.settings import MiningSettings
from training.mining.triplets import HardMiner, SemiHardMiner


def test_each_name_has_its_miner() -> None:
    assert build_miner(MiningSettings()) is None
    assert isinstance(build_miner(MiningSettings(name="hard")), HardMiner)
    semi_hard = build_miner(MiningSettings(name="semi-hard", gap=0.4))
    assert isinstance(semi_hard, SemiHardMiner)
    assert semi_hard.margin == 0.4
    curriculum = build_miner(MiningSettings(name="curriculum", share=0.25))
    assert isinstance(curriculum, CurriculumPairMiner)
    assert curriculum.share == 0.25


def test_any_of_them_can_drop_noise() -> None:
    miner = build_miner(MiningSettings(name="hard", noise_bound=3.0))
    assert isinstance(miner, NoisyPositivesDropped)
    assert isinstance(miner.miner, HardMiner)
    assert len(miner(torch.eye(4), torch.tensor([0, 0, 1, 1]))) == 3
