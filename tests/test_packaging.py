"""requirements.txt is made from pyproject.toml, and the package has all that it reads."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

from setuptools import Distribution

from rag.wording import LANGUAGES

ROOT = Path(__file__).parent.parent


def test_requirements_match_pyproject() -> None:
    spec = importlib.util.spec_from_file_location("requirements", ROOT / ".ci/requirements.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "requirements.txt").read_text("utf-8") == module.requirements()


def test_the_package_has_what_its_modules_read(tmp_path: Path, monkeypatch) -> None:
    """All files in the folder of the package are in it, but what is made from them.

    The files are those that setuptools would copy; the weights are too large to copy for it.
    """
    # What it writes beside the sources goes to another folder.
    made = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "rag", tmp_path / "rag", ignore=made, copy_function=os.symlink)
    monkeypatch.chdir(tmp_path)
    project = Distribution({"script_name": "setup.py"})
    project.parse_config_files()
    build = project.get_command_obj("build_py")
    build.ensure_finalized()
    lib = Path(build.build_lib)
    packed = {Path(name).relative_to(lib).as_posix() for name in build.get_outputs(False)}
    assert packed == {path.relative_to(tmp_path).as_posix() for path in _files(tmp_path / "rag")}
    assert {"rag/web/app.js", "rag/web/app.css"} <= packed
    for language in LANGUAGES:
        assert f"rag/wording/{language}.json" in packed
    assert {name for name in packed if name.startswith("rag/wording/fonts/")} >= {
        "rag/wording/fonts/NotoSansKhmer.woff2",
        "rag/wording/fonts/OFL.txt",
    }


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
