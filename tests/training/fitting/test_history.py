from dataclasses import replace
from pathlib import Path

from training.fitting.history import EPOCHS_FILE, STEPS_FILE, Epoch, History, Step

_STEP = Step(1, 1, 0.5, 1e-3, 1.25, None, None, 2.0)
_EPOCH = Epoch(1, 1, 0.5, 0.25, 0.75, True, 2.0)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def test_writes_a_row_a_step_and_a_row_an_epoch(tmp_path: Path) -> None:
    history = History(tmp_path, steps=0)
    history.add_step(_STEP)
    history.add_step(replace(_STEP, step=2, loss=0.25, mined=31, dropped=2))
    history.add_epoch(_EPOCH)

    assert lines(tmp_path / STEPS_FILE) == [
        "step,epoch,loss,lr,gradient_norm,mined,dropped,seconds",
        "1,1,0.5,0.001,1.25,,,2",
        "2,1,0.25,0.001,1.25,31,2,2",
    ]
    assert lines(tmp_path / EPOCHS_FILE)[1:] == ["1,1,0.5,0.25,0.75,True,2"]
    assert history.losses(epoch=1) == [0.5, 0.25]


def test_forgets_what_came_after_the_last_checkpoint(tmp_path: Path) -> None:
    history = History(tmp_path, steps=0)
    for step in range(1, 5):
        history.add_step(replace(_STEP, step=step))
        history.add_epoch(replace(_EPOCH, step=step))
    with (tmp_path / STEPS_FILE).open("a") as file:
        file.write("5,1,0.")  # the disk was full, or the power gone

    History(tmp_path, steps=2)

    assert [line[0] for line in lines(tmp_path / STEPS_FILE)[1:]] == ["1", "2"]
    assert [line[2] for line in lines(tmp_path / EPOCHS_FILE)[1:]] == ["1", "2"]
