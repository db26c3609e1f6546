"""A built paper has its measures: in its own records, by name, and against the untrained twins."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from generator.records.measures import Measures
from generator.records.response import Response
from generator.records.run import Run
from generator.results.joined import joined
from generator.results.measure_values import values
from generator.results.replicates import contrasts
from tests.conftest import build, copied


def only(folder: Path, name: str, seed: int) -> bytes:
    """The file `name` of replicate `seed`, wherever in the store it is."""
    for path in (*folder.rglob("run.json"), *folder.rglob("evidence.json"), *folder.rglob("response.json")):
        if json.loads(path.read_bytes())["seed"] == seed and (path.parent / name).is_file():
            return (path.parent / name).read_bytes()
    raise AssertionError(f"no {name} for replicate {seed}")


ALL = "\n\nOf {{ hierarchy.conv2d.probe_pca.trained.mean }}, {{ hierarchy.conv2d.orientation.trained.mean }}, and "
ALL += "{{ hierarchy.conv2d.ablation.trained.mean }}.\n\n# References"


@pytest.fixture(scope="module")
def built(two_replicates: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The build folder of the tiny paper with two replicates, whose article names all measures."""
    paper = copied(two_replicates, tmp_path_factory.mktemp("measured"))
    before = {path.parent for path in (paper.parent / "build").rglob("measures.json")}
    article = paper / "article.md"
    article.write_text(article.read_text().replace("\n\n# References", ALL))
    done = build(paper, "--replicates", "2", "--verbose")
    assert done.returncode == 0, done.stderr
    assert "activity: stale" not in done.stderr and "orientation: stale" in done.stderr
    assert {path.parts[-3] for path in before} == {"evidence", "activity"}, "nothing else was measured before"
    return paper.parent / "build"


def measures_of(built: Path, seed: int) -> Measures:
    """What all stages measured of a replicate."""
    parts = (msgspec.json.decode(path.read_bytes(), type=Measures) for path in built.rglob("measures.json"))
    return joined([part for part in parts if part.seed == seed])


def arrays(content: bytes) -> dict[str, Any]:
    return dict(np.load(io.BytesIO(content)))


def test_every_replicate_leaves_its_records_and_arrays(built: Path) -> None:
    for seed in (0, 1):
        measures = measures_of(built, seed)
        assert measures.seed == seed and measures.omissions == ()
        assert [field.size for field in measures.fields] == [(3, 3), (4, 4)]
        assert [layer.name for layer in measures.trained.layers] == [layer.name for layer in measures.untrained.layers]
        kernels = arrays(only(built, "kernels.npz", seed))
        assert kernels["trained"].shape == kernels["untrained"].shape == (3, 3, 1, 4)
        mistakes = arrays(only(built, "mistakes.npz", seed))["images"]
        assert mistakes.shape == (len(measures.predictions.mistakes), 8, 8, 1)
        assert sum(map(sum, measures.predictions.confusion)) == 60


def test_the_twin_has_the_weights_from_before_training(built: Path) -> None:
    initial, weights = arrays(only(built, "initial.npz", 0)), arrays(only(built, "weights.npz", 0))
    kernels = arrays(only(built, "kernels.npz", 0))
    assert np.array_equal(kernels["untrained"], initial[min(initial)])
    assert np.array_equal(kernels["trained"], weights[min(weights)])
    assert not np.array_equal(kernels["trained"], kernels["untrained"])
    assert not any(array.any() for name, array in initial.items() if name.endswith("bias"))


def test_the_twin_s_maps_lie_beside_the_replicate_s(built: Path) -> None:
    untrained = msgspec.json.decode(only(built, "untrained-response.json", 0), type=Response)
    maps = [arrays(only(built, name, 0)) for name in ("maps.npz", "untrained-maps.npz")]
    assert [map_.shape for map_ in maps[1].values()] == [layer.shape for layer in untrained.layers]
    assert not np.array_equal(maps[0]["000"], maps[1]["000"])


def test_the_run_keeps_its_graph_and_curve(built: Path) -> None:
    run = msgspec.json.decode(only(built, "run.json", 0), type=Run)
    assert [node.role for node in run.graph] == ["input", "window", "window", "opaque", "opaque"]
    assert run.curve.steps == tuple(range(1, 16))
    assert np.mean(run.curve.metrics["loss"]) == pytest.approx(run.epochs[0].metrics["loss"], rel=1e-4)


def test_results_name_the_measures_and_their_differences_are_paired(built: Path) -> None:
    found = {
        name: one["value"] for name, one in json.loads((built / "site/results.json").read_bytes())["values"].items()
    }
    for measure in ("probe_mean", "probe_pca", "selectivity", "orientation", "dead", "edge_energy"):
        path = f"hierarchy.conv2d.{measure}"
        for seed in (0, 1):
            one = {kind: found[f"{path}.{kind}.replicate.{seed}"] for kind in ("trained", "untrained", "difference")}
            assert one["difference"] == pytest.approx(one["trained"] - one["untrained"])
        ends = found[f"{path}.difference.low"], found[f"{path}.difference.high"]
        gained = {found[f"{path}.difference.replicate.{seed}"] for seed in (0, 1)}
        assert (ends == ("no interval", "no interval")) == (len(gained) == 1)
        assert len(gained) == 1 or ends[0] < found[f"{path}.difference.mean"] < ends[1]
    assert found["hierarchy.conv2d.field.size"] == 3
    assert found["hierarchy.conv2d.edge_energy.null.mean"] == pytest.approx(4 / 9)
    assert found["probes.pixels.mean"] > 0.5 and found["probes.train_images"] == 240
    assert sum(value for name, value in found.items() if name.startswith("confusion.")) == 120
    assert "hierarchy.conv2d.ablation.untrained.mean" not in found


def test_a_measure_that_one_replicate_lacks_is_no_mean_over_the_others(built: Path) -> None:
    measured = [measures_of(built, seed) for seed in (0, 1)]
    layers = measured[1].trained.layers
    silent = msgspec.structs.replace(layers[0], orientation=(None,) * 4)
    gone = msgspec.structs.replace(measured[1].trained, layers=(silent, *layers[1:]))
    comparisons, unmeasured = contrasts([measured[0], msgspec.structs.replace(measured[1], trained=gone)])
    assert (silent.name, "orientation") not in {(one.layer, one.measure) for one in comparisons}
    assert [(one.layer, one.measure, one.seeds) for one in unmeasured] == [(silent.name, "orientation", (1,))]
    named = {one.name: one.value for one in values([measured[0], msgspec.structs.replace(measured[1], trained=gone)])}
    assert "replicate 1" in str(named["omitted.orientation.conv2d"])
