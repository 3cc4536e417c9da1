"""The versions that are tested and their licences, and what is in the package."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from setuptools import Distribution

from rag.wording import LANGUAGES

ROOT = Path(__file__).parent.parent


def pins(name: str) -> dict[str, str]:
    """The packages of a file of requirements, with their versions."""
    lines = (ROOT / name).read_text("utf-8")
    found = re.findall(r"^([\w.-]+)==([^\s;\\]+)", lines, re.M)
    return {canonicalize_name(package): version for package, version in found}


def bounds(extra: str) -> list[Requirement]:
    """What pyproject.toml asks for, or an extra of it."""
    project = Distribution({"script_name": "setup.py"})
    project.parse_config_files()
    texts = project.extras_require[extra] if extra else project.install_requires
    found = [Requirement(str(one)) for one in texts]
    return [one for one in found if canonicalize_name(one.name) != "byline"]


@pytest.mark.parametrize(
    "extra", ["", "eval", "mcp", "ocr", "parquet", "local", "milvus", "ray", "test", "dev"]
)
def test_the_versions_that_are_tested_are_those_that_are_asked_for(extra: str, monkeypatch) -> None:
    """When this fails, write them anew: .ci/lock"""
    monkeypatch.chdir(ROOT)
    space, tested = pins("requirements.txt"), pins("requirements.lock")
    for asked in bounds(extra):
        name = canonicalize_name(asked.name)
        if name == "torch":
            assert name in space
            continue
        version = space[name] if not extra else tested[name]
        assert asked.specifier.contains(version), asked
        assert any(one.operator in ("<", "==") for one in asked.specifier), f"{asked}: no bound"
    assert {name: tested.get(name) for name in space} == {**space, "torch": None}


def test_every_package_of_the_lock_has_a_hash() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    every = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
    assert all("--hash=sha256:" in one for one in every)
    assert "://" not in text + (ROOT / "requirements.txt").read_text("utf-8")


def test_the_space_has_the_gradio_that_is_tested() -> None:
    front = (ROOT / "README.md").read_text("utf-8").split("---\n")[1]
    assert f"sdk_version: {pins('requirements.txt')['gradio']}\n" in front


def test_the_licences_of_all_packages_are_listed_and_let_byline_be_given_away() -> None:
    """When this fails, write them anew: python .ci/licences.py"""
    page = (ROOT / "docs/licences.md").read_text("utf-8")
    listed = dict(re.findall(r"^\| ([\w.-]+) \| (.+) \|$", page, re.M))
    text = (ROOT / "requirements.txt").read_text("utf-8")
    every = re.findall(r"^([\w.-]+)==\S+$", text, re.M)
    assert set(every) <= set(listed)
    for name in every:
        said = listed[name]
        assert re.search("MIT|BSD|Apache|PSF|Python|MPL|Mozilla|ISC|LGPL|Unlicense", said), name


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
