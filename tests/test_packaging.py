"""requirements.txt, the README and pyproject.toml say the same."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

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


def test_readme_example_runs(tmp_path: Path, monkeypatch) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    example = re.search(r"```python\n(.*?)```", readme, re.S)
    assert example
    (tmp_path / "index").mkdir()
    (tmp_path / "index/articles").symlink_to(ROOT / "index/articles")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(example[1], "README.md", "exec"), names)
    answer = names["answer"]
    assert answer.status == "answered"
    assert answer.citations[0].quote in answer.text
