"""What the import linter cannot see: the command line is the roof, and queries need no torch."""

import ast
import subprocess
import sys
from pathlib import Path

import migrations

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))


def test_no_package_imports_the_command_line() -> None:
    importing = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "likeness" in _imported(path)
    ]

    assert importing == []


def test_the_path_of_a_query_imports_neither_torch_nor_openvino_nor_opencv() -> None:
    """The classic model needs none; learned models load OpenVINO when they are loaded, and OpenCV
    comes with the first pictures that are matched point by point."""
    program = (
        "import sys, likeness; likeness.build_app(); import service.app;"
        "late = ('torch', 'timm', 'torchvision', 'openvino', 'cv2');"
        "print([m for m in late if m in sys.modules])"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert result.stdout.strip() == "[]"


def test_every_package_that_is_shipped_is_declared() -> None:
    declared = (ROOT / "pyproject.toml").read_text().split("[tool.setuptools.packages.find]")[1]

    shipped = [name for name in PACKAGES if name != "bench"]
    assert [name for name in shipped if f'"{name}*"' not in declared] == []


def test_the_newest_migration_is_named() -> None:
    versions = sorted((Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"))

    assert versions[-1].name.startswith(migrations.HEAD)


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names
