"""What is told of the machine and of processes is what the system says by other ways."""

import os
import subprocess
import sys
import time

import pytest

from bench.machine import Disturbance, cpu_seconds, machine, resident_mb


def test_memory_adds_up() -> None:
    told = resident_mb(os.getpid())

    parts = told["anonymous"] + told["file"] + told["shared"]
    assert told["total"] == pytest.approx(parts, rel=0.02)


def test_processor_time_of_a_process_is_its_own_clock() -> None:
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass

    # The kernel's clock ticks in hundredths of a second.
    assert cpu_seconds(os.getpid()) == pytest.approx(time.process_time(), abs=0.05)


def test_what_others_take_is_told_apart_from_our_own() -> None:
    burning = "import time\nwhile time.process_time() < 1.0: pass"
    cores = int(machine()["cores"])

    disturbance = Disturbance()
    started = time.perf_counter()
    # All processors are kept busy, so what is ours cannot pass for idle.
    children = [subprocess.Popen([sys.executable, "-c", burning]) for _ in range(cores)]
    assert [child.wait() for child in children] == [0] * cores
    ours = 100 * 1.0 / (time.perf_counter() - started)

    assert 0 <= disturbance.percent() <= 100 - ours + 5
