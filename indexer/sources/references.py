"""What a manifest may name as a picture, and where that leads."""

import posixpath
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

from catalog.records import is_storable
from indexer.errors import ItemInvalid, ReferenceRefused
from indexer.items import Reference
from indexer.reading import is_web_address
from indexer.sources.allowed import is_below_address, is_below_folder, local_path_of

_LONGEST = 4096


@dataclass(frozen=True)
class ReferenceRules:
    """How pictures named in a manifest are found.

    `base` is the manifest's folder: a Path, or the address of the manifest's folder ending in "/".
    Relative names start there. `allowed` None lets a manifest of this machine name any file and
    any address; else it is the roots, besides `base` and the web, that it must stay within. A
    manifest from elsewhere never names files of this machine.
    """

    base: Path | str
    allowed: tuple[str, ...] | None = None

    def reference(self, text: str) -> Reference:
        """Raises ItemInvalid for what cannot be a name, ReferenceRefused."""
        if not is_storable(text) or len(text) > _LONGEST:
            raise ItemInvalid(
                f"The picture {text[:80]!r} cannot be the name of a file: it is longer than "
                f"{_LONGEST} characters, or not valid UTF-8. Correct it."
            )
        if is_web_address(text):
            return Reference(text, text)
        path = local_path_of(text)
        if not isinstance(self.base, Path) and self._may_be_of_this_machine(text, path):
            raise ReferenceRefused(
                f"The picture {text!r} is a file of this machine, which a manifest from elsewhere "
                "may not name. Give its full address, or one relative to the manifest."
            )
        if path is None:
            return self._at_address(text, text)
        if isinstance(self.base, Path):
            return self._in_file(text, self.base / path)
        if is_web_address(self.base):
            return Reference(text, urljoin(self.base, text.replace(" ", "%20")))
        return self._at_address(text, self.base + posixpath.normpath(text))

    def _may_be_of_this_machine(self, text: str, path: Path | None) -> bool:
        if path is None:
            # A chain of file systems may end in this machine's: zip://a.jpg::/srv/photos.zip
            return "::" in text
        below_a_store = not is_web_address(str(self.base))
        return "://" in text or (path.is_absolute() and below_a_store)

    def _in_file(self, text: str, path: Path) -> Reference:
        assert isinstance(self.base, Path)
        if self.allowed is not None:
            roots = (str(self.base), *self.allowed)
            if not any(is_below_folder(path, root) for root in roots):
                raise ReferenceRefused(
                    f"The picture {text!r} lies outside of the manifest's folder, and this job "
                    "came over HTTP. Move it there, or add its folder to LIKENESS_JOB_ROOTS."
                )
        return Reference(text, path)

    def _at_address(self, text: str, address: str) -> Reference:
        if self.allowed is not None:
            roots = (self.base, *self.allowed) if isinstance(self.base, str) else self.allowed
            if not any(is_below_address(address, root) for root in roots):
                raise ReferenceRefused(
                    f"The picture {text!r} lies outside of what jobs over HTTP may read. Add its "
                    "place to LIKENESS_JOB_ROOTS."
                )
        return Reference(text, address)
