"""Charts and the table of receptive fields as exhibits: what is there, what is not, and why."""

from __future__ import annotations

import msgspec

from generator.article.measured_exhibits import measured_exhibits, receptive_fields
from generator.figures.charts import draw
from generator.records.measures import Omission
from generator.records.results import Origin
from generator.render.links import Links
from tests.support.measuring import measures, run, unmeasured
from tests.unit.article.test_exhibits import LINKS


def test_a_chart_is_put_into_the_page_with_what_it_leaves_out() -> None:
    measured = [measures(0), measures(1)]
    charts, files = draw([run(0), run(1)], measured)
    charts = tuple(msgspec.structs.replace(chart, omissions=("c: it has <2> pixels",)) for chart in charts)
    probes = {exhibit.name: exhibit for exhibit in measured_exhibits(charts, files, measured, LINKS)}["probes"]
    assert (probes.kind, probes.alt) == (
        "figure",
        "Charts: Probes on channel means and Probes on principal components.",
    )
    assert probes.html.count('<svg xmlns="http://www.w3.org/2000/svg"') == 2
    assert "Left out: c: it has &lt;2&gt; pixels." in probes.html
    assert probes.shows[:2] == ("probes", "hierarchy.a.probe_mean")


def test_what_does_not_apply_is_no_exhibit() -> None:
    measured = [unmeasured(0)]
    charts, files = draw([run(0)], measured)
    assert [exhibit.name for exhibit in measured_exhibits(charts, files, measured, LINKS)] == ["learning-curves"]


def test_the_table_has_fields_and_the_dead_channels_of_each_replicate() -> None:
    size = Origin("hierarchy.b.field.size", 4, "evidence", None, "c" * 64, "d" * 64)
    exhibit = receptive_fields([measures(0), measures(1)], Links("page", {size.name: size}))
    html = exhibit.html
    assert '<data value="4"><a class="bound" href="#value:hierarchy.b.field.size"' in html
    assert exhibit.bound == (size.name,)
    assert '<td class="quantity">2</td><td class="quantity">1</td>\n<td class="quantity">0</td>' in html


def test_a_layer_without_a_receptive_field_says_why() -> None:
    one = measures(0)
    omission = Omission("field", "b", "it reads the whole image")
    one = msgspec.structs.replace(one, fields=one.fields[:1], omissions=(omission,))
    assert '<td colspan="2">none: it reads the whole image</td>' in receptive_fields([one], LINKS).html


def test_a_field_that_is_not_square_has_both_its_sides() -> None:
    one = measures(0)
    field = msgspec.structs.replace(one.fields[0], size=(5, 3))
    assert (
        ">5\u00a0×\u00a03</data>"
        in receptive_fields([msgspec.structs.replace(one, fields=(field, *one.fields[1:]))], LINKS).html
    )
