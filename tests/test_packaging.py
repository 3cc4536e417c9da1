"""requirements.txt, the README and pyproject.toml say the same."""

from __future__ import annotations

import importlib.util
import re
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


def test_readme_front_matter_fits_the_space() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    front = dict(re.findall(r"^(\w+): (.+)$", readme.split("---")[1], re.M))
    assert front["sdk"] == "gradio"
    assert front["app_file"] == "app.py"
    assert (ROOT / front["app_file"]).is_file()
    assert front["license"] == "apache-2.0"
    assert len(front["short_description"]) <= 60


def _example(imports: str) -> str:
    """The example in Python of the README that begins so."""
    readme = (ROOT / "README.md").read_text("utf-8")
    (found,) = re.findall(rf"```python\n({re.escape(imports)}.*?)```", readme, re.DOTALL)
    return str(found)


def test_readme_example_runs(tmp_path: Path, monkeypatch) -> None:
    example = _example("from rag import")
    (tmp_path / "index").mkdir()
    (tmp_path / "index/articles").symlink_to(ROOT / "index/articles")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)
    answer = names["answer"]
    assert answer.status == "answered"
    assert answer.citations[0].quote in answer.text


def test_readme_example_for_programs_runs(archive) -> None:
    from rag.chat.service import Service
    from rag.web.layout import layout

    service = Service(lambda progress: archive, propose=False)
    page = layout(service)
    address = page.launch(quiet=True, prevent_thread_lock=True, share=False)[1]
    example = _example("from gradio_client import").replace("http://127.0.0.1:7860", address)
    assert address in example
    names: dict[str, object] = {}
    try:
        exec(compile(example, "README.md", "exec"), names)
    finally:
        page.close(verbose=False)
        service.close()
    assert names["answer"]["status"] == "answered"
    assert names["citation"]["quote"] in names["article"]["text"]


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
