"""Workers' names, and knowing the dead."""

import os
import subprocess
import sys

from indexer.identity import is_gone, own_identity


class TestIsGone:
    def test_is_false_for_this_process(self) -> None:
        assert not is_gone(own_identity())

    def test_is_true_once_the_process_has_ended(self) -> None:
        child = subprocess.run(
            [sys.executable, "-c", "from indexer.identity import own_identity as i; print(i())"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert is_gone(child.stdout.strip())

    def test_is_true_for_a_process_that_was_killed_and_not_yet_buried(self) -> None:
        child = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import time; from indexer.identity import own_identity as i; "
                "print(i(), flush=True); time.sleep(60)",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        identity = child.stdout.readline().strip()
        assert not is_gone(identity)
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(identity)
        child.wait()
        child.stdout.close()

    def test_is_true_when_the_number_was_given_to_another_process(self) -> None:
        host, pid, token = own_identity().split(":")
        assert is_gone(f"{host}:{pid}:1{token}")

    def test_is_false_for_other_machines(self) -> None:
        assert not is_gone("elsewhere/1:999999999:5-abc")
        assert not is_gone("nonsense")

    def test_two_workers_of_a_process_are_told_apart(self) -> None:
        assert own_identity() != own_identity()
