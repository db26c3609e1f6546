"""The record of a replicate is that of all its measures together."""

from __future__ import annotations

import msgspec
import pytest

from generator.records.measures import LayerMeasures, Measures, Network, Omission
from generator.results.joined import joined
from tests.support.measuring import measures

WHOLE = msgspec.structs.replace(measures(3), omissions=(Omission("field", "a", "no"), Omission("probe", None, "none")))
OF_STAGE = {
    "activity": ("dead", "selectivity", "preferred"),
    "probes": ("probe_mean", "probe_pca"),
    "orientation": ("orientation",),
}


def only(network: Network, *fields: str) -> Network:
    """The layers with these measures of each."""
    layers = (
        LayerMeasures(one.name, one.kind, one.channels, **{field: getattr(one, field) for field in fields})
        for one in network.layers
    )
    return Network(tuple(layers), None)


def parts() -> dict[str, Measures]:
    """What each stage leaves of the whole."""
    left = {
        stage: Measures(3, trained=only(WHOLE.trained, *fields), untrained=only(WHOLE.untrained, *fields))
        for stage, fields in OF_STAGE.items()
    }
    left["probes"] = msgspec.structs.replace(left["probes"], probing=WHOLE.probing, omissions=WHOLE.omissions[1:])
    left["ablation"] = Measures(3, ablation=WHOLE.ablation)
    evidence = Measures(
        3,
        fields=WHOLE.fields,
        trained=msgspec.structs.replace(only(WHOLE.trained), edge_energy=WHOLE.trained.edge_energy),
        untrained=msgspec.structs.replace(only(WHOLE.untrained), edge_energy=WHOLE.untrained.edge_energy),
        predictions=WHOLE.predictions,
        omissions=WHOLE.omissions[:1],
    )
    return {"evidence": evidence, **left}


def test_all_stages_together_have_the_whole() -> None:
    assert joined(list(parts().values())) == WHOLE


def test_a_stage_that_did_not_run_leaves_its_measures_open() -> None:
    made = parts()
    found = joined([made["evidence"], made["activity"]])
    assert found.trained == msgspec.structs.replace(
        only(WHOLE.trained, *OF_STAGE["activity"]), edge_energy=WHOLE.trained.edge_energy
    )
    assert (found.probing, found.ablation, found.omissions) == (None, (), WHOLE.omissions[:1])


def test_a_layer_without_dead_channels_has_none_which_is_not_the_same_as_not_measured() -> None:
    """The layers of the untrained network have none that are dead."""
    made = parts()
    assert [layer.dead for layer in joined([made["evidence"], made["activity"]]).untrained.layers] == [(), ()]
    assert [layer.dead for layer in joined([made["evidence"]]).untrained.layers] == [None, None]


def test_layers_of_different_networks_are_not_joined() -> None:
    short = msgspec.structs.replace(parts()["probes"], trained=only(measures(3, ["a"]).trained))
    with pytest.raises(ValueError, match="zip"):
        joined([parts()["evidence"], short])
