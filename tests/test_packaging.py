"""requirements.txt is made from pyproject.toml, and the package has all that it reads."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from rag.wording import LANGUAGES

ROOT = Path(__file__).parent.parent


def test_requirements_match_pyproject() -> None:
    spec = importlib.util.spec_from_file_location("requirements", ROOT / ".ci/requirements.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "requirements.txt").read_text("utf-8") == module.requirements()


def test_the_package_has_what_its_modules_read(tmp_path: Path) -> None:
    """All files in the folder of the package are in it, but what is made from them."""
    command = "from setuptools import setup; setup()"
    building = [sys.executable, "-c", command, "-q", "build", "--build-base", str(tmp_path)]
    # What it writes beside the sources goes to the copy.
    source = tmp_path / "source"
    made = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(ROOT / "rag", source / "rag", ignore=made)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source / name)
    subprocess.run(building, cwd=source, check=True, capture_output=True, timeout=300)
    packed = {path.relative_to(tmp_path / "lib").as_posix() for path in _files(tmp_path / "lib")}
    assert packed == {path.relative_to(source).as_posix() for path in _files(source / "rag")}
    assert {"rag/web/app.js", "rag/web/app.css"} <= packed
    for language in LANGUAGES:
        assert f"rag/wording/{language}.json" in packed
    assert {name for name in packed if name.startswith("rag/wording/fonts/")} >= {
        "rag/wording/fonts/NotoSansKhmer.woff2",
        "rag/wording/fonts/OFL.txt",
    }


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
