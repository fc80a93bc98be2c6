"""What a browser gets: the widget and the pages, as files. `service.pages` serves them."""

from importlib.resources import files
from pathlib import Path

FOLDER = Path(str(files(__name__)))
"""Holds `widget/` and `pages/`, each as it is served."""
