"""A published edition is held against its manifest, and rebuilt by its own commit's generator.

The commits here have a generator that quickly writes results it was given; a real one is run in test_edition.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from generator.core.console import Display
from generator.core.errors import ReportError, UsageError
from generator.core.git import worktree
from generator.editions import site_reader, verify_text, verifying
from generator.editions.publishing import publish
from generator.editions.verifying import verify
from generator.records.article import ArticleText, Paragraph
from generator.records.document import ReplicateRecord, Stated
from generator.records.reads import Inputs
from generator.records.run import Environment
from generator.records.verification import Verification
from tests.support.publications import PAGE, candidate, document, served, tree
from tests.support.repositories import git

GENERATOR = """
import pathlib, shutil, sys

print("building", *sys.argv[1:], file=sys.stderr)
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
(out / "site").mkdir(parents=True)  # which fails if anything is there already
pathlib.Path("arguments").write_text("\\n".join(sys.argv[1:]))
shutil.copy("rebuilt.json", out / "site" / "results.json")
shutil.copy("rebuilt.html", out / "site" / "index.html")
shutil.copy("arguments", "{kept}")
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository whose commit rebuilds edition 1 exactly, and notes what it was asked for in tmp_path/arguments."""
    folder = tmp_path / "clone"
    (folder / "generator").mkdir(parents=True)
    git(folder, "init", "--quiet")
    (folder / "generator" / "__main__.py").write_text(GENERATOR.format(kept=tmp_path / "arguments"))
    commit(folder, document(1))
    return folder


def commit(clone: Path, rebuilt: Any) -> str:
    """Lets the clone's next commit rebuild such results, and the page of as many epochs; the commit's id."""
    (clone / "rebuilt.json").write_bytes(msgspec.json.encode(rebuilt))
    (clone / "rebuilt.html").write_text(PAGE.format(number=rebuilt.values["training.epochs"].value))
    git(clone, "add", "--all")
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    git(clone, *who, "commit", "--quiet", "--allow-empty", "--message", "The paper")
    return git(clone, "rev-parse", "HEAD")


def published(clone: Path, number: int = 1, sha: str | None = None, dirty: bool = False, **changes: Any) -> Path:
    """The site beside the clone, with one edition more, of the clone's commit."""
    at = {"sha": sha or git(clone, "rev-parse", "HEAD"), "date": "2026-01-02", "dirty": dirty}
    new = candidate(clone.parent / f"built-{number}", number, commit=msgspec.Raw(msgspec.json.encode(at)), **changes)
    publish(new, str(clone.parent / "site"), quiet())
    return clone.parent / "site"


def quiet() -> Display:
    return Display(Console(file=io.StringIO()))


def verified(site: Path | str, clone: Path, data: str | None = None) -> Verification:
    return verify(str(site), clone, data, quiet())


# --- the edition, built again --------------------------------------------------------------------


def test_an_edition_that_comes_out_the_same_holds(clone: Path) -> None:
    site = published(clone)
    before = sorted(path.name for path in (clone / ".git").iterdir())
    found = verified(site, clone)
    assert found.holds and found.edition == "1"
    assert {check.verdict for check in found.values} == {"identical"}
    assert sorted(path.name for path in (clone / ".git").iterdir()) == before, "nothing is left in the clone"
    assert git(clone, "status", "--short") == "" and len(git(clone, "worktree", "list").splitlines()) == 1


def test_an_edition_is_verified_by_its_address_as_by_its_folder(clone: Path) -> None:
    site = published(clone)
    with served(site.parent) as address:
        assert verified(f"{address}/site/", clone) == verified(site, clone)
        assert verified(f"{address}/site/v/1", clone) == verified(site / "v" / "1", clone)


def test_the_site_is_its_latest_edition_and_older_ones_are_named(clone: Path) -> None:
    published(clone)
    commit(clone, document(2))
    site = published(clone, 2)
    assert (verified(site, clone).edition, verified(site / "v" / "1", clone).edition) == ("2", "1")
    assert verified(site, clone).holds and verified(site / "v" / "1", clone).holds


def test_it_is_built_with_the_recorded_settings_in_an_empty_folder(clone: Path, tmp_path: Path) -> None:
    verified(published(clone), clone, data="mnist.npz")
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments[0] == "build" and "--set=training.epochs=1" in arguments
    assert f"--data={Path.cwd() / 'mnist.npz'}" in arguments, "from another folder a path must be whole"
    assert not Path(arguments[arguments.index("--out") + 1]).exists()


def test_a_value_outside_does_not_hold_and_is_told(clone: Path) -> None:
    values = document(1).values
    moved = msgspec.structs.replace(values["model.parameters.total"], value=1235)
    sha = commit(clone, document(1, values={**values, "model.parameters.total": moved}))
    found = verified(published(clone, 1, sha), clone)
    assert not found.holds
    said = "\n".join(verify_text.lines(found))
    assert "outside: model.parameters.total, published 1,234, rebuilt 1,235" in said
    assert "fails verification" in said
    assert "variables" not in said


def test_variables_that_may_be_others_here_are_named_where_an_edition_does_not_hold(clone: Path) -> None:
    inputs = Inputs(variables=("DROPOUT",))
    found = verified(published(clone, inputs=inputs), clone)
    assert found.holds and "DROPOUT" not in "\n".join(verify_text.lines(found))
    sha = commit(clone, document(2))
    said = "\n".join(verify_text.lines(verified(published(clone, 3, sha, inputs=inputs), clone)))
    assert "  The published results depend on environment variables that may differ here: DROPOUT\n" in said


def test_an_edition_whose_load_data_was_not_checked_is_named_whether_it_holds_or_not(clone: Path) -> None:
    unchecked = msgspec.structs.replace(document(1).data, checked=False)
    assert not (found := verified(published(clone, data=unchecked), clone)).checked
    assert found.holds and f"  {verify_text.UNCHECKED}.\n" in "\n".join(verify_text.lines(found))
    found = verified(published(clone, 2), clone)
    assert found.checked and verify_text.UNCHECKED not in "\n".join(verify_text.lines(found))


def test_a_build_that_fails_is_told(clone: Path) -> None:
    (clone / "generator" / "__main__.py").write_text("raise SystemExit(1)")
    commit(clone, document(1))
    with pytest.raises(ReportError, match="could not be rebuilt"):
        verified(published(clone), clone)
    assert len(git(clone, "worktree", "list").splitlines()) == 1


def test_a_commit_that_the_clone_has_not_is_told(clone: Path) -> None:
    with pytest.raises(ReportError, match="which is not in this clone") as caught:
        verified(published(clone, sha="b" * 40), clone)
    assert "git fetch" in caught.value.next


def test_an_edition_of_a_dirty_tree_cannot_be_verified(clone: Path) -> None:
    with pytest.raises(ReportError, match="changes that are not in its commit"):
        verified(published(clone, dirty=True), clone)


def test_it_is_run_inside_a_clone(clone: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a git repository"):
        verified(published(clone), tmp_path)


# --- the site's files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("index.html", "differs"),
        ("editions.html", "differs"),
        ("v/1/article.pdf", "differs"),
        ("v/1/manifest.json", "differs"),
        ("v/2/index.html", "missing"),
    ],
)
def test_a_file_that_is_not_what_the_manifest_says_does_not_hold(clone: Path, name: str, verdict: str) -> None:
    published(clone)
    commit(clone, document(2))
    site = published(clone, 2)
    if verdict == "missing":
        (site / name).unlink()
    else:
        (site / name).write_bytes((site / name).read_bytes() + b" ")
    found = verified(site, clone)
    assert not found.holds
    assert [(check.name, check.verdict) for check in found.files if check.verdict != "identical"] == [(name, verdict)]
    assert f"{verdict}: {name}" in "\n".join(verify_text.lines(found))


def forge(site: Path, name: str, new: bytes) -> None:
    """Exchanges a file of edition 1, or of the front, and all digests that tell."""
    before = hashlib.sha256((site / name).read_bytes()).hexdigest()
    (site / name).write_bytes(new)
    for path in (site / "v" / "1" / "manifest.json", site / "editions.json"):
        if name != path.name:
            renew(site, path, lambda text: text.replace(before, hashlib.sha256(new).hexdigest()))


def renew(site: Path, path: Path, change: Callable[[str], str]) -> None:
    """Changes a record of the site, and the digest of it that another has."""
    before, after = path.read_text(), change(path.read_text())
    path.write_text(after)
    catalogue = site / "editions.json"
    old, new = (hashlib.sha256(text.encode()).hexdigest() for text in (before, after))
    catalogue.write_text(catalogue.read_text().replace(old, new))


def told(found: Verification) -> set[tuple[str, str]]:
    return {(check.name, check.verdict) for check in found.files if check.verdict != "identical"}


def test_a_front_page_that_says_something_else_does_not_hold_though_its_digest_was_renewed(clone: Path) -> None:
    site = published(clone)
    forge(site, "index.html", (site / "index.html").read_bytes().replace(b"It is number 1.", b"It is number 9."))
    found = verified(site, clone)
    assert not found.holds
    assert told(found) == {("index.html", "contradicted")}
    assert "contradicted: index.html" in "\n".join(verify_text.lines(found))


def said_before_the_rebuild(site: Path, clone: Path) -> str:
    """What a verification says before it rebuilds the edition."""
    verify(str(site), clone, None, Display(Console(file=(shown := io.StringIO()))))
    before, rebuilding, _ = shown.getvalue().partition("Rebuilding ")
    assert rebuilding
    return before


def test_a_file_that_was_changed_is_told_before_the_rebuild_which_may_take_long(clone: Path) -> None:
    site = published(clone)
    assert "fails" not in said_before_the_rebuild(site, clone)
    page = site / "v" / "1" / "index.html"
    page.write_bytes(page.read_bytes() + b" ")
    said = said_before_the_rebuild(site, clone)
    assert (
        "Edition 1 already fails verification, before anything is rebuilt:\n  differs: v/1/index.html (not the file"
        in said
    )


def test_a_page_that_gives_a_result_another_value_is_told_before_the_rebuild_though_its_digest_was_renewed(
    clone: Path,
) -> None:
    site = published(clone)
    row = b'<table><tr id="value:training.epochs"><td><data value="9">9</data></td></tr></table>'
    page = (site / "v" / "1" / "index.html").read_bytes()
    forge(site, "v/1/index.html", page.replace(b"</article>", row + b"</article>"))
    assert "  contradicted: v/1/index.html (contradicts the results" in said_before_the_rebuild(site, clone)


@pytest.mark.parametrize(
    ("source", "told", "step"),
    [
        ("data.npz", "Published from: data.npz. Loaded here from: data.npz.\n", "name it with --data PATH"),
        ("", "", "see what load_data() in experiment.py reads or computes"),
    ],
)
def test_other_data_is_told_with_its_sources_and_what_to_do(clone: Path, source: str, told: str, step: str) -> None:
    values = document(1).values
    if source:
        values |= {"data.source": Stated(source, "data", None, "1" * 64, "2" * 64)}
    data = document(1).data
    other = msgspec.structs.replace(data.arrays, x_train=msgspec.structs.replace(data.arrays.x_train, sha256="f" * 64))
    sha = commit(clone, document(1, values=values, data=msgspec.structs.replace(data, arrays=other)))
    said = "\n".join(verify_text.lines(verified(published(clone, 1, sha, values=values), clone)))
    assert f"than the edition was trained on (x_train).\n{told}Every result depends on the data" in said
    assert step in said
    assert "outside: data.x_train.sha256, published 0000000000…, rebuilt ffffffffff…" in said


def test_results_with_another_text_than_is_rebuilt_do_not_hold(clone: Path) -> None:
    said, forged = (ArticleText((Paragraph("Results", text),), {}) for text in ("It is so.", "It is not so."))
    commit(clone, document(1, text=said))
    assert told(verified(published(clone, text=forged), clone)) == {("v/1/results.json", "contradicted")}


def test_an_edition_does_not_hold_by_naming_fewer_files_and_other_results(clone: Path) -> None:
    site = published(clone)
    page = site / "v" / "1" / "index.html"
    forge(site, "v/1/index.html", page.read_bytes().replace(b"It is number 1.", b"It is number 9."))

    def with_less(text: str) -> str:
        manifest = json.loads(text)
        del manifest["files"]["article.pdf"]
        manifest["results"]["model.parameters.total"] = 1
        return json.dumps(manifest)

    renew(site, site / "v" / "1" / "manifest.json", with_less)
    catalogue = json.loads((site / "editions.json").read_text())
    (site / "editions.json").write_text(json.dumps(catalogue | {"files": {}}))
    assert told(verified(site, clone)) == {
        ("v/1/index.html", "contradicted"),
        ("v/1/manifest.json", "contradicted"),
        ("v/1/article.pdf", "missing"),
        ("index.html", "missing"),
        ("results.json", "missing"),
        ("CITATION.cff", "missing"),
    }


def interrupted(clone: Path, remaining: Callable[[str], bool]) -> Path:
    """A site whose second publish was killed: of its front the files that `remaining` names are still the old ones."""
    site = published(clone)
    front = {path: path.read_bytes() for path in site.iterdir() if path.is_file()}
    commit(clone, document(2))
    published(clone, 2)
    for path, content in front.items():
        if remaining(path.name):
            path.write_bytes(content)
    return site


@pytest.mark.parametrize(
    ("remaining", "edition"),
    [(lambda name: True, "1"), (lambda name: name != "editions.json", "2"), (lambda name: name == "index.html", "2")],
    ids=["the edition is there, and the front is the old one", "the catalogue is new", "all but the page is new"],
)
def test_a_publish_that_was_interrupted_is_told_and_publishing_again_completes_it(
    clone: Path, remaining: Callable[[str], bool], edition: str
) -> None:
    site = interrupted(clone, remaining)
    before = tree(site)
    with served(site.parent) as address:
        found = verified(f"{address}/site/", clone)
    assert found == verified(site, clone) and found.edition == edition
    assert found.interrupted and not found.holds
    assert "Publish interrupted: the front pages do not match" in (said := "\n".join(verify_text.lines(found)))
    assert "Publish again" in said
    assert tree(site) == before, "verifying never writes"
    published(clone, 2)
    assert not (found := verified(site, clone)).interrupted and found.edition == "2" and found.holds


def test_a_first_publish_that_was_interrupted_is_told(clone: Path) -> None:
    site = published(clone)
    for path in site.iterdir():
        if path.is_file():
            path.unlink()
    with pytest.raises(ReportError, match="Publish interrupted") as caught:
        verified(site, clone)
    assert "Publish again" in caught.value.next and caught.value.exit_status == 1


def test_a_server_that_answers_or_refuses_whatever_it_is_asked_for_is_no_interrupted_publish(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some give a page of their own for a file that is not there, and some storage answers 403."""
    site = published(clone)
    for strange in (lambda name: b"<!doctype html>", lambda name: refuse_to_answer(name)):
        with monkeypatch.context() as patch:
            patch.setattr(verifying, "reader", lambda folder, strange=strange: lambda name: read(site, name, strange))
            assert verified(site, clone).holds


def read(site: Path, name: str, strange: Callable[[str], bytes | None]) -> bytes | None:
    return (site / name).read_bytes() if (site / name).is_file() else strange(name)


def refuse_to_answer(name: str) -> None:
    raise ReportError("The site answered 403 Forbidden", name)


def test_foreign_files_are_nobodys_business(clone: Path) -> None:
    site = published(clone)
    (site / "CNAME").write_text("example.org")
    assert verified(site, clone).holds


def test_an_edition_whose_manifest_was_changed_is_refused(clone: Path) -> None:
    site = published(clone)
    path = site / "v" / "1" / "manifest.json"
    path.write_text(path.read_text().replace('"1234"', '"1"') + " ")
    with pytest.raises(ReportError, match=r"v/1/manifest\.json: The manifest is not the one"):
        verified(site, clone)


def damaged(site: Path) -> None:
    (site / "editions.json").write_text("{")


def leading_out(site: Path) -> None:
    path = site / "editions.json"
    path.write_text(path.read_text().replace('"index.html"', '"../index.html"'))


def with_a_strange_commit(site: Path) -> None:
    """What the manifest holds is given to git."""
    path = site / "v" / "1" / "manifest.json"
    path.write_text(path.read_text().replace('"commit": "', '"commit": "--upload-pack='))
    (site / "editions.json").unlink()
    for file in (site / "v" / "1").iterdir():
        file.rename(site / file.name)


@pytest.mark.parametrize("spoil", [damaged, leading_out, with_a_strange_commit])
def test_a_record_that_cannot_be_trusted_is_refused(clone: Path, spoil: Callable[[Path], None]) -> None:
    site = published(clone)
    spoil(site)
    with pytest.raises(ReportError, match="damaged, or was written by a later generator"):
        verified(site, clone)


def test_what_is_no_site_is_told(clone: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        verified(tmp_path / "nowhere", clone)
    with pytest.raises(UsageError, match="no published site here"):
        verified(clone, clone)
    with served(tmp_path) as address, pytest.raises(UsageError, match="no published site here"):
        verified(f"{address}/clone", clone)
    with pytest.raises(ReportError, match="does not answer"):
        verified(address, clone)


def test_two_verifications_of_a_clone_at_once_are_not(clone: Path) -> None:
    site = published(clone)
    with worktree(clone, "HEAD", "verify"), pytest.raises(ReportError, match="Another verify is running"):
        verified(site, clone)


def test_a_relative_path_to_the_data_in_the_environment_holds_there_too(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clone / "paper.toml").write_text('[data]\nname = "x"\nenvironment = "X_PATH"\n')
    main = clone / "generator" / "__main__.py"
    main.write_text(main.read_text().replace("sys.argv[1:]))", "[__import__('os').environ['X_PATH']]))"))
    commit(clone, document(1))
    monkeypatch.setenv("X_PATH", "data.npz")
    published(clone)
    manifest = clone.parent / "site" / "v" / "1"
    for name in ("editions.json", "v/1/manifest.json"):
        path = clone.parent / "site" / name
        path.write_text(path.read_text().replace('"paper": "built-1"', '"paper": "."'))
    assert verified(manifest, clone).holds
    assert (tmp_path / "arguments").read_text() == str(Path.cwd() / "data.npz")


def test_data_that_the_commit_does_not_hold_is_told_before_anything_is_built(clone: Path, tmp_path: Path) -> None:
    (clone / "paper.toml").write_text('[data]\nname = "x"\npath = "data.npz"\n')
    (clone / ".gitignore").write_text("data.npz\n")
    (clone / "data.npz").write_bytes(b"")
    commit(clone, document(1))
    published(clone)
    for name in ("editions.json", "v/1/manifest.json"):
        path = clone.parent / "site" / name
        path.write_text(path.read_text().replace('"paper": "built-1"', '"paper": "."'))
    place = clone.parent / "site" / "v" / "1"
    with pytest.raises(ReportError, match=r"not contain the data that paper\.toml names, data\.npz\n.*--data PATH"):
        verified(place, clone)
    assert not (tmp_path / "arguments").exists()
    assert verified(place, clone, str(clone / "data.npz")).holds


def test_what_stands_for_paper_toml_in_a_commit_is_only_read_if_it_is_a_file(clone: Path) -> None:
    (clone / "paper.toml").symlink_to("/dev/zero")
    commit(clone, document(1))
    assert verified(rewritten(clone, paper="."), clone).holds


def test_subprocesses_show_their_progress(clone: Path, capfd: pytest.CaptureFixture[str]) -> None:
    verified(published(clone), clone)
    assert "building build --draft" in capfd.readouterr().err


# --- a site may be anyone's ----------------------------------------------------------------------


def rewritten(clone: Path, **changes: Any) -> Path:
    """The folder of an edition with another manifest."""
    folder = published(clone) / "v" / "1"
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | changes))
    return folder


@pytest.mark.parametrize("name", ["data.mirrors", "data.path", "fonts.fallback", "training.threads"])
def test_a_site_cannot_say_where_data_comes_from_or_take_the_machine(clone: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(
        ReportError, match=f"cannot be verified. It was built with --set {name}, which is not a setting"
    ):
        verified(rewritten(clone, overrides={name: "1"}), clone)
    assert not (tmp_path / "arguments").exists(), "nothing was run"


def test_a_site_cannot_ask_for_a_training_without_an_end(clone: Path, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="training.epochs=1000000000, but `verify` accepts only a number up to 10"):
        verified(rewritten(clone, overrides={"training.epochs": "1000000000"}), clone)
    assert not (tmp_path / "arguments").exists(), "nothing was run"


@pytest.mark.parametrize("title", ["a\0b", "a\nb", "a" * 200_000])
def test_a_title_that_no_command_can_be_given_is_refused(clone: Path, tmp_path: Path, title: str) -> None:
    with pytest.raises(ReportError, match=r"(?s)--set title=a.*, but `verify` accepts only a text"):
        verified(rewritten(clone, overrides={"title": title}), clone)
    assert not (tmp_path / "arguments").exists(), "nothing was run"


def test_a_name_that_is_longer_than_a_site_needs_is_refused(clone: Path) -> None:
    with pytest.raises(ReportError, match="a file name has more than 1000 characters"):
        verified(rewritten(clone, paper="a" * 1001), clone)


@pytest.mark.parametrize("name", ["a\0b", "a\x1b[31mb", "a\nb"])
def test_a_name_that_no_file_has_is_refused_plainly(clone: Path, name: str) -> None:
    with pytest.raises(ReportError, match="is not a file name: it contains control characters"):
        verified(rewritten(clone, files={name: "0" * 64}), clone)


def test_more_files_than_a_site_may_list_are_refused_with_the_limit(clone: Path) -> None:
    with pytest.raises(ReportError, match="of length <= 10000"):
        verified(rewritten(clone, files={str(number): "0" * 64 for number in range(10_001)}), clone)


def test_what_is_run_and_for_how_long_is_said_before(clone: Path) -> None:
    environment = Environment("3.12", {}, "Linux", "A processor", 1, True, 0, None, False)
    values = document(1).values | {"times.total.mean": Stated(120.0, "train", None, "1" * 64, "2" * 64)}
    shown = io.StringIO()
    replicates = (ReplicateRecord(0, environment), ReplicateRecord(1, environment))
    site = published(clone, values=values, replicates=replicates)
    commit(clone, document(1, values=values, replicates=replicates))
    with contextlib.suppress(ReportError):
        verify(str(site), clone, None, Display(Console(file=shown)))
    said = shown.getvalue()
    assert " --set training.epochs=1: two replicates, trained again from the start. When it was published, " in said
    assert "one replicate trained for 2\u00a0min; several train at the same time." in said
    assert "It will be stopped after 24 hours." in said


def test_the_replicates_of_variants_are_announced_too(clone: Path) -> None:
    """Four of the main condition, four of one variant, and three of the other."""
    of_variants = '[variants.long]\ntitle = "long"\n[variants.few]\ntitle = "few"\ntraining = { replicates = 3 }\n'
    (clone / "built-1").mkdir()
    (clone / "built-1" / "paper.toml").write_text(f"[training]\nreplicates = 4\n{of_variants}")
    commit(clone, document(1))
    seconds = {"": 10.0, "variants.long.": 30.0, "variants.few.": 20.0}
    stated = {f"{of}times.total.mean": Stated(mean, "train", None, "1" * 64, "2" * 64) for of, mean in seconds.items()}
    site, shown = published(clone, values=document(1).values | stated), io.StringIO()
    verify(str(site), clone, None, Display(Console(file=shown)))
    assert "eleven replicates, trained again from the start. When it was published, " in shown.getvalue()
    assert "one replicate trained for 10\u00a0s to 30\u00a0s; several" in shown.getvalue()


@pytest.mark.parametrize(("overrides", "said"), [({}, "four"), ({"training.replicates": "7"}, "seven")])
def test_as_many_replicates_are_announced_as_will_be_trained(clone: Path, overrides: dict[str, str], said: str) -> None:
    """And not as many as the published results have, which may be anything."""
    (clone / "paper.toml").write_text("[training]\nreplicates = 4\n")
    commit(clone, document(1))
    verify(
        str(rewritten(clone, paper=".", overrides=overrides)),
        clone,
        None,
        Display(Console(file=(shown := io.StringIO()))),
    )
    assert f": {said} replicates, trained again from the start. It will be stopped after" in shown.getvalue()


def test_what_is_read_of_a_site_is_said(clone: Path) -> None:
    published(clone)
    commit(clone, document(2))
    site = published(clone, 2)
    verify(str(site), clone, None, Display(Console(file=(shown := io.StringIO()))))
    assert shown.getvalue().startswith(f"Reading {site}\nReading edition 1 (1 of 2)\n")


def test_a_site_that_takes_too_long_to_be_read_is_given_up(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_reader, "MAX_SITE_SECONDS", -60)
    with pytest.raises(ReportError, match=r"could not be read within -1 minutes\n  Give .*, SITE/v/EDITION\."):
        verified(published(clone), clone)


def test_a_build_that_takes_too_long_is_stopped(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main = clone / "generator" / "__main__.py"
    main.write_text(f"import signal; signal.pause()\n{main.read_text()}")
    commit(clone, document(1))
    monkeypatch.setattr(verifying, "MAX_SECONDS", 0.2)
    with pytest.raises(ReportError, match="Edition 1 was still being built after 0.0 hours, and was stopped"):
        verified(published(clone), clone)
    assert not (clone / ".git" / "verify-out").exists()


def test_what_a_site_says_does_not_steer_the_terminal(clone: Path) -> None:
    shown = io.StringIO()
    folder = rewritten(clone, overrides={"title": "\u202ered"})
    verify(str(folder), clone, None, Display(Console(file=shown)))
    assert "--set title=\\u202ered" in shown.getvalue()
    assert "\u202e" not in shown.getvalue()
