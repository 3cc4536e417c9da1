"""The precisions beside each other, on few passages of the bundled articles."""

from __future__ import annotations

import json

import numpy as np
import pytest

from eval.__main__ import main
from eval.precision.measure import TORCH, passages_of, table
from rag.models.reader import FOLDER
from rag.models.runtime.precision import native

pytestmark = pytest.mark.models


def test_each_precision_is_measured_beside_torch(capsys):
    assert main(["precision", "--passages", "3", "--rounds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [TORCH, *reversed(native())]
    assert found[TORCH]["times torch"] == 1
    assert found["float32"]["least cosine"] > 0.9999
    for measures in found.values():
        assert 0.98 < measures["least cosine"] <= measures["mean cosine"] < 1.0001
        assert measures["passages a second"] > 0
        assert measures["processor seconds for 1000"] > 0


def test_the_passages_are_those_of_an_index(articles, encoder, archive):
    assert len(passages_of(articles, encoder)) == archive.info()["passages"]


def test_the_table_has_a_row_for_each_precision():
    found = {"float32": {"passages a second": 41.25, "least cosine": 0.99987}, "int8": {}}
    found["int8"] = {"passages a second": 110.0, "least cosine": 0.9951}
    assert table(found).splitlines() == [
        "| precision | passages a second | least cosine |",
        "|---|---|---|",
        "| float32 | 41.2 | 0.9999 |",
        "| int8 | 110.0 | 0.9951 |",
    ]


@pytest.mark.parametrize("whose", [[], ["--reader"]], ids=["encoder", "reader"])
def test_the_largest_inputs_are_those_of_the_packaged_weights(tmp_path, capsys, whose):
    file = tmp_path / "largest.npz"
    assert main(["quantise", *whose, "--out", str(file)]) == 0
    packaged = (FOLDER if whose else FOLDER.parent) / "largest_inputs.npz"
    measured, kept = np.load(file), np.load(packaged)
    assert set(measured) == set(kept)
    assert len(measured) == 3 * 6
    for name, values in measured.items():
        assert values.shape == (384,)
        np.testing.assert_allclose(values, kept[name], rtol=1e-3, atol=1e-4)
    assert "of 18 layers" in capsys.readouterr().out
