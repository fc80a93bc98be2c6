"""Which places jobs that came over HTTP may read: nothing above or beside the roots they are
given."""

import posixpath
from pathlib import Path

from indexer.errors import SourceRefused
from indexer.reading import is_web_address

_LOCAL_SCHEMES = ("file://", "local://")


def check_allowed(source: str, roots: tuple[str, ...]) -> None:
    """Raises SourceRefused, unless the source is below a root or on the web.

    The web is left to the fetcher, which refuses private networks by itself.
    """
    path = local_path_of(source)
    if is_web_address(source):
        return
    for root in roots:
        if is_below_folder(path, root) if path is not None else is_below_address(source, root):
            return
    raise SourceRefused(
        f"{source} may not be read by a job that was started over HTTP. Put the source below "
        f"{' or '.join(roots)}, add its place to LIKENESS_JOB_ROOTS, or index it on the server "
        "with: likeness index SOURCE"
    )


def local_path_of(text: str) -> Path | None:
    """The path, when the text names a file or folder of this machine; else None."""
    for scheme in _LOCAL_SCHEMES:
        if text.lower().startswith(scheme):
            return Path(text[len(scheme) :])
    return None if "://" in text or "::" in text else Path(text)


def is_below_folder(path: Path, root: str) -> bool:
    """Whether the path, with its links followed, is the root folder or lies in it."""
    if local_path_of(root) is None:
        return False
    return path.resolve().is_relative_to(Path(root).expanduser().resolve())


def is_below_address(address: str, root: str) -> bool:
    """Whether an address of an object store is the root, or lies below it."""
    scheme, _, rest = address.partition("://")
    root_scheme, _, root_rest = root.partition("://")
    # "::" chains file systems (an archive inside a store …), each a way out of the root.
    if "::" in address or not root_rest or scheme.lower() != root_scheme.lower():
        return False
    below = posixpath.normpath(rest)
    top = posixpath.normpath(root_rest)
    return below == top or below.startswith(top.rstrip("/") + "/")
