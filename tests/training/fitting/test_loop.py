import csv
import signal
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.training.fitting.making import tiny_fit, tiny_network, tiny_settings
from training.data.material import Material
from training.errors import CheckpointInvalid, Diverged, SettingsInvalid
from training.fitting.devices import Device
from training.fitting.embedding import embed
from training.fitting.history import EPOCHS_FILE, STEPS_FILE, Step
from training.fitting.loop import Fitted
from training.fitting.reporting import Reporter
from training.fitting.validation import Examination
from training.settings import TrainingSettings


class InterruptedAfter(Reporter):
    """Somebody presses Ctrl-C in the midst of a step.

    The handler is called, and no signal sent: one that came too late would end all tests. That a
    program hears the real one is tested from outside, by the command line.
    """

    def __init__(self, step: int) -> None:
        super().__init__()
        self._step = step

    def step(self, step: Step) -> None:
        super().step(step)
        if step.step == self._step:
            heard = signal.getsignal(signal.SIGINT)
            assert callable(heard)
            heard(signal.SIGINT, None)


def rows(path: Path) -> list[list[str]]:
    """Without how long it took, which is the last column."""
    with path.open(newline="") as file:
        return [row[:-1] for row in csv.reader(file)]


class TestLearning:
    def test_finds_more_products_that_it_did_not_learn_from(
        self, material: Material, run_folder: Path
    ) -> None:
        settings = tiny_settings(budget__epochs=13)
        network = tiny_network(settings)
        examination = Examination(material.validation.pictures)
        device = Device(settings)
        before = examination.hits(embed(network, material.validation, device)).recall_at_1

        fitted = tiny_fit(settings, material, run_folder, network=network).run(resume=False)

        after = examination.hits(embed(network, material.validation, device)).recall_at_1
        assert after == fitted.recall_at_1
        assert after > before + 0.2

    def test_stops_when_it_gets_no_better_and_keeps_the_best(
        self, material: Material, run_folder: Path
    ) -> None:
        settings = tiny_settings(
            budget__epochs=50,
            budget__patience=2,
            optimiser__lr=1e-9,
            network__backbone_statistics="frozen",
        )

        fitted = tiny_fit(settings, material, run_folder).run(resume=False)

        assert (fitted.best_epoch, fitted.steps) == (0, 4)
        assert fitted.why == "nothing better was found in 2 epochs"
        assert len(rows(run_folder / EPOCHS_FILE)) == 4

    def test_keeps_the_last_weights_where_validation_only_watches(
        self, material: Material, run_folder: Path
    ) -> None:
        settings = tiny_settings(
            budget__epochs=3,
            budget__patience=None,
            optimiser__lr=1e-9,
            network__backbone_statistics="frozen",
        )

        fitted = tiny_fit(settings, material, run_folder).run(resume=False)

        assert fitted.best_epoch == 3

    def test_what_is_no_number_after_the_last_step_is_never_kept(
        self, material: Material, run_folder: Path
    ) -> None:
        """A single step, whose loss is a number; the weights after it are none."""
        settings = tiny_settings(
            budget__epochs=1, budget__patience=None, batches__products=16, optimiser__lr=1e30
        )

        with pytest.raises(Diverged, match="a picture is no number any more after 1 step"):
            tiny_fit(settings, material, run_folder).run(resume=False)

    def test_ends_when_its_minutes_are_spent(self, material: Material, run_folder: Path) -> None:
        settings = tiny_settings(budget__epochs=10_000, budget__minutes=0.001)

        fitted = tiny_fit(settings, material, run_folder).run(resume=False)

        assert fitted.why == "the budget of 0.001 minutes is spent"
        assert fitted.steps < 2 * 10_000


class TestGoingOn:
    @pytest.mark.parametrize("interrupted_after", [3, 4])
    def test_an_interrupted_training_ends_as_if_it_had_not_been(
        self, material: Material, tmp_path: Path, interrupted_after: int
    ) -> None:
        settings = tiny_settings(
            budget__epochs=4, mining__name="curriculum", mining__noise_bound=2.0
        )
        folders = whole, parted = tmp_path / "whole", tmp_path / "parted"
        for folder in folders:
            folder.mkdir()
        expected = trained(settings, material, whole)

        stopped = tiny_fit(settings, material, parted, reporter=InterruptedAfter(interrupted_after))
        with pytest.raises(KeyboardInterrupt):
            stopped.run(resume=False)
        torch.rand(7)  # what happened meanwhile must not matter
        found = trained(settings, material, parted, resume=True)

        assert found[0].recall_at_1 == expected[0].recall_at_1
        assert found[1].keys() == expected[1].keys()
        assert all(torch.equal(each, found[1][name]) for name, each in expected[1].items())
        for file in (STEPS_FILE, EPOCHS_FILE):
            assert rows(parted / file) == rows(whole / file)

    def test_a_loss_that_is_no_number_ends_it(self, material: Material, run_folder: Path) -> None:
        settings = tiny_settings(optimiser__lr=1e30, optimiser__clip_norm=1e30)

        with pytest.raises(Diverged, match=r"Lower optimiser.lr"):
            tiny_fit(settings, material, run_folder).run(resume=False)

    def test_another_training_is_not_taken_up(self, material: Material, run_folder: Path) -> None:
        settings = tiny_settings(budget__epochs=1)
        tiny_fit(settings, material, run_folder).run(resume=False)

        with pytest.raises(CheckpointInvalid, match="is another one"):
            tiny_fit(settings, material, run_folder, identity="other").run(resume=True)

    def test_one_that_was_over_goes_on_with_a_larger_budget(
        self, material: Material, run_folder: Path
    ) -> None:
        first = tiny_fit(tiny_settings(budget__epochs=1), material, run_folder).run(resume=False)

        second = tiny_fit(tiny_settings(budget__epochs=2), material, run_folder).run(resume=True)

        assert (first.steps, second.steps) == (2, 4)


def trained(
    settings: TrainingSettings, material: Material, folder: Path, *, resume: bool = False
) -> tuple[Fitted, dict[str, Tensor]]:
    network = tiny_network(settings)
    fitted = tiny_fit(settings, material, folder, network=network).run(resume=resume)
    return fitted, network.state_dict()


def test_a_network_of_which_nothing_learns_is_refused(material: Material, run_folder: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"network\.trainable: 0"):
        tiny_fit(tiny_settings(network__trainable=0.0), material, run_folder)
