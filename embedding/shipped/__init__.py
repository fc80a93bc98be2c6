"""The model that is part of this program, as a folder like any installed one.

`python -m training.distillation.shipping NAME` writes it; docs/model.md tells how it was made.
"""

from pathlib import Path

SHIPPED = Path(__file__).parent
