"""OpenVINO's runtime without its model converter.

Importing `openvino` imports the converter and its telemetry wherever they are installed: two thirds
of the import, a seventh of a second of every start, for something that is never used here. It takes
their absence well, so they are absent while it is imported, and can be imported afterwards.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING or "openvino" in sys.modules:
    import openvino as ov
else:
    _CONVERTER = "openvino.tools.ovc"
    sys.modules[_CONVERTER] = None
    try:
        import openvino as ov
    finally:
        del sys.modules[_CONVERTER]

__all__ = ["ov"]
