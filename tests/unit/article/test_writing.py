"""The article stage from records that are made here: claims, drafts, previews, provenance, and what is published."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from generator.article import writing
from generator.article.appendix import claim_rows, decisive, value_rows
from generator.core.environment import Commit
from generator.core.errors import Place, ReportError
from generator.paper import Paper, load_paper
from generator.records.claims import Claim, PairedDifference
from generator.records.condition import MAIN, Condition
from generator.records.dataset import ArrayInfo, Dataset, Source
from generator.records.document import Document
from generator.records.evidence import Evidence
from generator.records.figures import Figures
from generator.records.measures import AFTER, Measures, Network, Predictions
from generator.records.response import ImageResponse, Response
from generator.records.results import Origin, Provenance
from generator.records.run import Curve, Environment, Epoch, Hyperparameter, Layer, Run, Summary, Times
from generator.results.outcome import ConditionOutcome, Outcome, Replicate

TOML = """\
title = "A paper: \\"quoted\\""
authors = ["Ada van Example", "Ben"]
date = 2026-01-02
[data]
name = "bars"
path = "bars.npz"
[original]
title = "An original"
author = "Cy Origin"
date = 2025-03-04
citation = "cy"
[published]
total = 1290
[published.parameters]
dense = 1291
"""
ABSTRACT = "# Abstract {.unnumbered #abstract}\n\nOf [@cy].\n\n# Results\n\n"
END = "\n\n# References\n\n::: references\n:::\n"
SHA = "0123456789abcdef" * 2
FALSE = '[It is perfect.]{claim="test.accuracy.low > 0.999"}'


def outcome(
    paper: Paper,
    correct: tuple[int, ...] = (98, 97, 99),
    sample: bool = False,
    class_names: tuple[str, ...] = (),
    keeps_labels: bool = True,
    measured: Callable[[int], Measures] | None = None,
) -> Outcome:
    array = ArrayInfo(sha256="d" * 64, dtype="float32", shape=(10, 4, 4, 1))
    dataset = Dataset(x_train=array, y_train=array, x_test=array, y_test=array, classes=2, keeps_labels=keeps_labels)
    replicates = tuple(replicate(seed, count, (measured or bare)(seed)) for seed, count in enumerate(correct))
    return Outcome(
        paper=paper,
        source=Source("sample" if sample else "own", (), "e" * 64, "bars of a file", class_names, ""),
        main=ConditionOutcome(Condition(MAIN, paper.comparison.main, {}, {}, paper.training), dataset, replicates),
        response=Response(0, ImageResponse(0, 1, 1, 0.9), ()),
        figures=Figures(feature_maps=None),
        provenance={
            stage: Provenance(code=stage[0].encode().hex() * 32, data="ab" * 32, key="k")
            for stage in ("data", "train", "evidence", *AFTER, "response", "figures", "published", "code")
        },
        constants={"WIDTH": 32},
        commit=Commit(SHA, "2026-01-02", True),
    )


def bare(seed: int) -> Measures:
    """Nothing was measured, and nothing says why."""
    return Measures(seed, (), Network((), None), Network((), None), (), None, Predictions((), (), ()), ())


def replicate(seed: int, correct: int, measured: Measures) -> Replicate:
    layers = (
        Layer("image", "InputLayer", (None, 128), 0, 0, ()),
        Layer("dense", "Dense", (None, 10), 1290, 1290, ("image",)),
    )
    hyperparameters = (
        Hyperparameter(("layers", "dense", "units"), 10),
        Hyperparameter(("layers", "dense", "kernel_size"), (2, 5)),
        Hyperparameter(("layers", "dense", "pool_size"), (4,)),
        Hyperparameter(("layers", "dense", "axis"), (1, 2)),
        Hyperparameter(("optimizer", "learning_rate"), 0.001),
        Hyperparameter(("loss",), "mse"),
    )
    summary = Summary(layers, 1290, 1290, 0, 5160, "", hyperparameters)
    epochs = (Epoch(5, {"loss": 0.5 + seed / 10}), Epoch(5, {"loss": 0.4 + seed / 10 - seed / 1000}))
    return Replicate(
        run=Run(seed, summary, (), epochs, Curve((), {}), "probabilities"),
        times=Times((1.0, 1.0), 2.0, ("Epoch 1/2",)),
        environment=Environment("3.11.2", {"keras": "3.15"}, "Linux", "A processor", 1, True, seed, SHA, False),
        evidence=Evidence(seed, correct, 100),
        measures=measured,
    )


def write(folder: Path, prose: str, draft: bool = False, toml: str = "", **how: Any) -> writing.Written:
    (folder / "paper.toml").write_text(TOML + toml, encoding="utf-8")
    (folder / "article.md").write_text(ABSTRACT + prose + END, encoding="utf-8")
    (folder / "experiment.py").write_text("x = 1\n", encoding="utf-8")
    (folder / "references.bib").write_text("@misc{cy, title={An original}, year={2025}}", encoding="utf-8")
    return writing.write(folder, outcome(load_paper(folder, {}), **how), {}, "", draft)


def page(written: writing.Written) -> str:
    return written.files["index.html"].decode()


def results(written: writing.Written) -> Any:
    return json.loads(written.files["results.json"])


def test_a_value_has_its_name_in_words_and_a_mean_what_each_replicate_gave() -> None:
    names = ("test.accuracy.mean", "test.accuracy.replicate.0", "test.accuracy.replicate.1", "data.classes")
    known = {name: Origin(name, 0.5, "evidence", None, "c", "d") for name in names}
    rows = [(row.id, row.words, row.by_replicate) for row in value_rows([known[names[0]], known[names[3]]], known)]
    assert rows == [
        (
            "value:test.accuracy.mean",
            "share of the test images that are classified correctly, mean over the replicates",
            "0.5, 0.5",
        ),
        ("value:data.classes", "number of classes", ""),
    ]


@pytest.mark.parametrize(
    ("stage", "words"),
    [("evidence", "measurements"), ("evidence (deep)", "measurements (deep)"), ("probes (deep)", "probes (deep)")],
)
def test_a_stage_is_named_in_a_word_that_readers_know(stage: str, words: str) -> None:
    (row,) = value_rows([Origin("test.accuracy.mean", 0.5, stage, None, "c", "d")], {})
    assert row.stage == words


def test_a_value_in_a_text_of_the_settings_is_refused_even_after_an_older_check(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"{{ test\.accuracy }} is not filled in here\.") as caught:
        write(tmp_path, "Text.", toml='[variants.wide]\ntitle = "{{ test.accuracy }}"\n')
    assert caught.value.where == Place(tmp_path / "paper.toml", TOML.count("\n") + 2)


def difference(p: float | None) -> PairedDifference:
    return PairedDifference(("a", "b"), 0.1, 0.05, 0.15, 5, p)


def claim(condition: str, *differences: PairedDifference, p: float | None = None) -> Claim:
    return Claim("claim:1", "It grows.", condition, "holds", {}, differences, 1, False, p=p)


def test_claims_of_one_condition_share_a_row() -> None:
    rows = claim_rows([claim("a > b"), claim("c > d"), claim("a > b")])
    assert [list(row.claims) for row in rows] == [[1, 3], [2]]


def test_of_several_differences_the_one_that_decides_is_shown() -> None:
    weak, strong = difference(0.04), difference(0.001)
    assert decisive(claim("a > b and c > d", strong, weak, p=0.04)) == weak
    assert decisive(claim("a > b", strong, p=0.001)) == strong
    assert decisive(claim("a > b and c > d", weak, weak, p=0.04)) is None
    assert decisive(claim("a > 1")) is None


def test_a_number_carries_its_value_and_leads_to_its_row_in_the_appendix(tmp_path: Path) -> None:
    html = page(write(tmp_path, "It is {{ test.accuracy | percent }}, {{ training.replicates | words }} times."))
    ends = "value:test.accuracy.low value:test.accuracy.high"
    assert f'<a class="bound" href="#value:test.accuracy.mean" data-with="{ends}">' in html
    assert '<data value="0.98">' in html
    assert "98.0% (98.0%, 97.0%, 99.0%)</a></data>" in html
    assert '<data value="3"><a class="bound" href="#value:training.replicates"' in html
    assert '<tr id="value:test.accuracy.mean">' in html
    assert f"<code>{'<wbr>'.join(['65656565'] * 8)}</code>" in html, "a digest continues on a line after whole groups"
    assert '<tr id="value:test.accuracy.replicate.0">' not in html
    told = " ".join(html.replace("<wbr>", "").split())
    assert f"The article was written at commit <code>{SHA}</code>, with uncommitted changes." in told


def test_the_page_gives_the_reason_of_each_number_that_is_not_a_result(tmp_path: Path) -> None:
    toml = '[literals]\n"2 <parts>" = "its division & order"\n"3 parts" = "not in the text"\n'
    written = write(tmp_path, "It has 2 <parts>. {{ test.accuracy | percent }}", toml=toml)
    assert '<tr><th scope="row">2 &lt;parts&gt;</th><td>its division &amp; order</td></tr>' in page(written)
    assert "3 parts" not in page(written)


def test_a_number_that_no_run_gives_fails_with_all_claims_that_do_not_hold(tmp_path: Path) -> None:
    with pytest.raises(ReportError) as caught:
        write(tmp_path, f"Of 98%.\n\n{FALSE}")
    assert 'article.md:7: "98%" is typed by hand.' in str(caught.value)
    assert 'article.md:9: The claim "It is perfect." does not hold: test.accuracy.low > 0.999, but' in str(caught.value)


def test_a_listed_literal_needs_a_reason(tmp_path: Path) -> None:
    assert write(tmp_path, "Of 98%.", toml='[literals]\n"98%" = "by design"\n').files
    with pytest.raises(ReportError, match='paper.toml:18: The literal "98%" has no reason'):
        write(tmp_path, "Of 98%.", toml='\n[literals]\n"98%" = ""\n')


def test_a_draft_strikes_a_false_claim_through_and_cannot_be_published(tmp_path: Path) -> None:
    written = write(tmp_path, FALSE, draft=True)
    assert written.notes[0].startswith(f'{tmp_path / "article.md"}:7: The claim "It is perfect." does not hold: ')
    assert '<del class="claim" id="claim:1">It is perfect.</del><a class="verdict" href="#verdict:1"' in page(written)
    assert ">[does not hold]</a>" in page(written)
    assert "<strong>Draft.</strong>" in page(written)
    assert results(written)["obstacles"] == ["It is a draft.", 'article.md:7: "It is perfect." does not hold.']


def test_a_preview_shows_verdicts_and_is_built(tmp_path: Path) -> None:
    written = write(tmp_path, FALSE, sample=True)
    assert ">[does not hold]</a>" in page(written)
    assert results(written)["obstacles"][0] == "It is a preview."


def test_with_one_replicate_a_comparison_is_shown_as_undecided_and_cannot_be_published(tmp_path: Path) -> None:
    prose = '[It got better.]{claim="final.loss.mean < epochs[1].loss.mean"} [It did not.]{.otherwise}'
    written = write(tmp_path, prose, correct=(98,))
    assert '<span class="claim" id="claim:1">It got better.</span><a class="verdict"' in page(written)
    assert ">[undecided]</a>" in page(written)
    assert results(written)["obstacles"] == ['article.md:7: "It got better." is undecided.']
    assert any(':7: "It got better." is undecided, so this cannot be published' in line for line in written.notes)


def test_the_other_wording_is_printed_when_the_condition_does_not_hold(tmp_path: Path) -> None:
    prose = '[It got worse.]{claim="final.loss.mean > epochs[1].loss.mean"}\n[It is {{ final.loss.mean }}.]{.otherwise}'
    written = write(tmp_path, prose)
    claim = results(written)["claims"][0]
    assert (claim["verdict"], claim["otherwise"], claim["line"]) == ("does not hold", True, 7)
    assert "It is <data" in page(written)
    assert results(written)["obstacles"] == []


LESS = '[It got better.]{claim="final.loss.mean < epochs[1].loss.mean"}'


def test_the_claims_are_in_the_results_and_in_a_table(tmp_path: Path) -> None:
    written = write(tmp_path, LESS)
    (claim,) = results(written)["claims"]
    assert (claim["sentence"], claim["verdict"], claim["line"]) == ("It got better.", "holds", 7)
    assert claim["values"].keys() == {"final.loss.mean", "epochs.1.loss.mean"}
    assert claim["differences"][0]["replicates"] == 3
    assert claim["p"] == claim["adjusted_p"] == claim["differences"][0]["p"] < 0.001
    assert (claim["family"], claim["exploratory"]) == (1, False)
    assert '<th scope="row"><a id="verdict:1" href="#claim:1">It got better.</a>' in page(written)
    assert '<tr id="value:epochs.1.loss.mean">' in page(written)


def words(written: writing.Written) -> str:
    """The page as text."""
    return " ".join(re.sub("<[^>]*>", " ", page(written)).split())


def test_the_appendix_labels_intervals_as_unadjusted_and_gives_the_adjusted_p(tmp_path: Path) -> None:
    prose = (
        f'{LESS} [A bound.]{{claim="test.accuracy.low > 0.5"}} [Less.]{{claim="epochs[1].loss.mean > final.loss.mean"}}'
    )
    told = words(write(tmp_path, prose))
    assert "makes one distinct claim that compares conditions; p is adjusted for all of them by Holm’s method" in told
    assert "All other comparisons are bounds, which are not adjusted" in told
    assert "With three replicates a comparison has little power" in told
    assert "The 95% intervals of differences are not adjusted." in told
    assert "−0.101; by replicate −0.1, −0.101, −0.102 &lt; 0.001 holds" in told


def test_an_exploratory_claim_counts_and_is_marked_where_it_is_printed(tmp_path: Path) -> None:
    written = write(
        tmp_path, LESS.replace('"}', '" .exploratory}') + ' [So.]{claim="final.loss.mean < 0.9 * epochs[1].loss.mean"}'
    )
    first, second = results(written)["claims"]
    assert (first["exploratory"], first["family"], second["exploratory"], second["family"]) == (True, 2, False, 2)
    assert 'aria-label="Claim 1: holds; exploratory">✓ [exploratory]</a>' in page(written)
    assert "</a> (exploratory)" in page(written)
    assert "Exploratory claims were not planned before the results were seen" in words(written)


def test_what_is_undecided_and_the_other_wording_have_marks_of_their_own(tmp_path: Path) -> None:
    prose = '[More.]{claim="final.loss.mean > epochs[1].loss.mean"} [It cannot be told.]{.otherwise}'
    written = write(tmp_path, f'{prose} [Bound.]{{claim="test.accuracy.low > 0.5"}}')
    assert 'It cannot be told.</span><a class="verdict" href="#verdict:1"' in page(written)
    assert 'aria-label="Claim 1: does not hold, so its other wording is printed">†</a>' in page(written)
    assert 'aria-label="Claim 2: holds">✓</a>' in page(written)
    one = write(tmp_path, '[Bound.]{claim="final.loss.low > 0.1"}', correct=(98,))
    assert 'aria-label="Claim 1: undecided">[undecided]</a>' in page(one)


def test_where_there_is_no_interval_its_ends_are_said_to_be_none(tmp_path: Path) -> None:
    written = write(
        tmp_path, "From {{ test.accuracy.low | percent }} to {{ test.accuracy.high * 100 }}.", correct=(98, 98)
    )
    assert "From no interval to no interval." in page(written)
    stated = results(written)["values"]
    assert stated["test.accuracy.low"]["value"] == "no interval"
    assert {stated["test.accuracy.replicate.1"][name] for name in ("scale", "trials")} == {"share", 100}
    assert "scale" not in stated["test.accuracy.mean"]


def test_results_are_read_with_their_scales_and_those_of_older_editions_without(tmp_path: Path) -> None:
    content = write(tmp_path, LESS).files["results.json"]
    document = msgspec.json.decode(content, type=Document)
    assert document.values["test.accuracy.replicate.0"].scale == "share"
    assert document.claims[0].family == 1
    older = json.loads(content)
    for stated in older["values"].values():
        stated.pop("scale", None), stated.pop("trials", None)
    for name in ("p", "adjusted_p", "family", "exploratory"):
        older["claims"][0].pop(name)
    for name in ("p", "by_replicate"):
        older["claims"][0]["differences"][0].pop(name)
    for row in older["published"]:
        row.pop("by_replicate")
    read = msgspec.json.decode(json.dumps(older).encode(), type=Document)
    assert (read.values["test.accuracy.replicate.0"].scale, read.claims[0].family) == ("plain", 0)


def test_the_published_table_is_in_the_results_and_can_be_shown(tmp_path: Path) -> None:
    written = write(tmp_path, "@tbl:published.\n\n::: table published\nAll.\n:::")
    wrong = [row for row in results(written)["published"] if row["verdict"] == "internally inconsistent"]
    assert [(row["path"], row["expected"]) for row in wrong] == [(["parameters", "dense"], 1290)]
    assert 'href="#value:published.parameters.dense.expected"' in page(written)


def test_it_is_told_when_other_epochs_ran_than_were_asked_for(tmp_path: Path) -> None:
    asked = "\n[training]\nepochs = 6\n"
    assert write(tmp_path, "Nothing.", toml=asked).notes[0] == (
        "training.epochs is 6, but each replicate ran two epochs; use ran.epochs.least and .most in the prose."
    )


def test_results_that_are_not_used_are_counted_in_one_line_and_listed_in_groups(tmp_path: Path) -> None:
    written = write(tmp_path, "Of {{ final.loss.low | number(3) }}.")
    (note,) = written.notes
    assert (counted := re.fullmatch(r"Results in the article: (\d+) of (\d+); --verbose lists the others\.", note))
    listed = [name for line in written.unused for name in line.removeprefix("  not used: ").split(", ")]
    assert len(listed) == int(counted[2]) - int(counted[1])
    assert {"training.epochs", "model.bytes"} <= set(listed) and "final.loss" not in listed
    assert not [name for name in listed if name.startswith(("code.", "model.optimizer", "model.layers.dense.units"))]


def test_a_class_is_its_name_if_it_has_one(tmp_path: Path) -> None:
    text = "A {{ image.label }}."
    assert "A 1." in re.sub(r"<[^>]+>", "", page(write(tmp_path, text)))
    named = write(tmp_path, text, class_names=("zebra", "lion"))
    assert "A lion." in re.sub(r"<[^>]+>", "", page(named))
    values = results(named)["values"]
    assert [values[name]["value"] for name in ("image.label", "classes.0.name")] == ["lion", "zebra"]
    other = write(tmp_path, text, class_names=("zebra", "lion"), keeps_labels=False)
    assert "load_data() changed the test labels" in other.notes[0]
    more = write(tmp_path, text, class_names=("zebra", "lion", "gnu"))
    assert "not used: there are three names for two classes;" in more.notes[0]


def test_the_names_of_classes_are_those_of_paper_toml_or_of_the_data_if_there_is_one_for_each(tmp_path: Path) -> None:
    (tmp_path / "paper.toml").write_text(TOML, encoding="utf-8")
    paper = load_paper(tmp_path, {})
    renamed = load_paper(tmp_path, {"data.classes": '["tiger", "gnu"]'})
    assert outcome(paper).class_names == ("0", "1")
    assert outcome(paper, class_names=("zebra", "lion")).class_names == ("zebra", "lion")
    assert outcome(paper, class_names=("zebra", "lion", "gnu")).class_names == ("0", "1")
    assert outcome(renamed, class_names=("zebra", "lion")).class_names == ("tiger", "gnu")
    assert outcome(paper, class_names=("zebra", "lion"), keeps_labels=False).class_names == ("0", "1")
    assert outcome(renamed, sample=True).class_names == ("0", "1"), "they are not those of a stand-in"


def test_what_the_code_sets_is_bound_like_a_result(tmp_path: Path) -> None:
    text = "{{ code.WIDTH }} wide, {{ model.layers.dense.kernel_size }}, "
    text += "{{ model.optimizer.learning_rate }}, {{ model.loss }}."
    written = write(tmp_path, text)
    shown = re.sub(r"<[^>]+>", "", page(written))
    assert "32 wide, 2\u00a0×\u00a05, 0.001, mse." in shown
    assert 'href="#value:code.WIDTH"' in page(written)
    values = results(written)["values"]
    assert values["code.WIDTH"]["stage"] == "code"
    assert [values[f"model.layers.dense.{name}"]["value"] for name in ("pool_size", "axis")] == [4, [1, 2]]


def test_the_citation_is_valid_yaml_with_what_the_format_asks_for(tmp_path: Path) -> None:
    cited = yaml.safe_load(write(tmp_path, "Nothing.").files["CITATION.cff"])
    assert cited == {
        "cff-version": "1.2.0",
        "message": "If you refer to this edition, cite it as below, and the original among its references.",
        "title": 'A paper: "quoted"',
        "authors": [{"family-names": "van Example", "given-names": "Ada"}, {"family-names": "Ben"}],
        "date-released": "2026-01-02",
        "commit": SHA,
        "references": [
            {
                "type": "article",
                "title": "An original",
                "authors": [{"family-names": "Origin", "given-names": "Cy"}],
                "date-published": "2025-03-04",
                "year": 2025,
            }
        ],
    }
