"""What is imported of OpenVINO, in a process of its own: others may have imported all of it."""

import subprocess
import sys


def _printed(program: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return ended.stdout.strip()


def test_a_query_needs_neither_the_converter_nor_its_telemetry() -> None:
    assert _printed(
        "import sys, embedding.runtime\n"
        "print([name for name in sys.modules if 'ovc' in name or 'telemetry' in name])"
    ) == str([])


def test_the_converter_can_be_imported_afterwards() -> None:
    assert (
        _printed(
            "import embedding.runtime\n"
            "from openvino.tools.ovc import convert_model\n"
            "print(convert_model.__name__)"
        )
        == "convert_model"
    )
