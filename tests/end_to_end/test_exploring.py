"""The explorer of the paper in report/, in a real browser: it agrees with Keras, and answers to what a reader does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

from generator.build import keys, worker_process
from generator.build.store import Entry, Store
from generator.build.tasks import read_npz
from generator.data.reads import Scope, Today
from generator.explorer.packing import unpacked
from generator.measures.receptive import fields
from generator.model import graph
from generator.model.activations import Recorder, intercepted
from generator.model.weights import restore
from generator.records.condition import Recipe
from generator.records.dataset import Dataset
from generator.records.explorer import Exploration, Explorer
from generator.records.measures import Field
from tests.conftest import ROOT
from tests.support.scripting import decoded, encoded, opened, settled, told

Move = Callable[[CDPSession, list[tuple[float, float]]], None]

BATCH = 20
MANY, DRAWN = 500, 400
SHAPES = {
    "3": [
        [(0.3, 0.25), (0.55, 0.2), (0.7, 0.3), (0.6, 0.45), (0.45, 0.5), (0.65, 0.58), (0.7, 0.7), (0.5, 0.82),
         (0.28, 0.75)]
    ],
    "1": [[(0.55, 0.2), (0.5, 0.5), (0.45, 0.8)]],
    "7": [[(0.28, 0.22), (0.72, 0.22), (0.55, 0.5), (0.45, 0.82)]],
}  # fmt: skip


@dataclass(frozen=True)
class Network:
    """The network in the page, as Keras has it: with the trained weights rounded."""

    explorer: Explorer
    model: Any
    calls: tuple[graph.Call, ...]
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def maps(self) -> tuple[graph.Call, ...]:
        return graph.map_calls(self.calls)

    def outputs(self, images: np.ndarray) -> np.ndarray:
        return np.concatenate([np.asarray(self.model(images[n : n + 250])) for n in range(0, len(images), 250)])


def store_of(site: Path) -> Store:
    """The store of the paper in report/; an entry is found if what it read is unchanged."""
    return Store(site.parent / "cache", Today(Scope(ROOT / "report", ROOT, site.parent), worker_process.variables()))


def last(store: Store, stage: str) -> Entry:
    key = store.last(stage)
    entry = key and store.find(key)
    assert entry
    return entry


@pytest.fixture(scope="module")
def network(site: Path) -> Network:
    store = store_of(site)
    explorer = msgspec.json.decode(last(store, "explorer").read("explorer.json"), type=Exploration).explorer
    dataset = msgspec.json.decode(last(store, "data").read("dataset.json"), type=Dataset)
    arrays, run = store.find(keys.arrays(dataset)), last(store, "train")
    assert explorer and arrays
    weights = {
        name: values.astype(np.float16).astype(np.float32) for name, values in read_npz(run.path("weights.npz")).items()
    }
    x_test, y_test = (np.load(arrays.path(f"{name}.npy")) for name in ("x_test", "y_test"))
    model = restore(Recipe(ROOT / "report" / "experiment.py"), x_test.shape[1:], dataset.classes, weights)
    return Network(explorer, model, graph.read(model), x_test, y_test)


@dataclass(frozen=True)
class Used:
    """The page, which tests share and leave as they found it.

    Attributes:
        page: itself.
        faults: what went wrong in it.
        found: what it showed at first.
    """

    page: Page
    faults: list[str]
    found: list[float]


LEAVE = """() => {
    scrollTo(0, 0);
    document.activeElement.blur();
    document.querySelector(".explorer .reset").click();
    const inputs = [...document.querySelectorAll(".explorer input")];
    for (const input of inputs) if (input.defaultChecked && !input.checked) input.click(); }"""


@pytest.fixture(scope="module")
def used(browser: Browser, site: Path) -> Used:
    page, faults = opened(browser, site / "index.html")
    return Used(page, faults, told(page))


@pytest.fixture
def page(used: Used) -> Iterator[Page]:
    """The page as a reader finds it; whatever goes wrong in it fails the test."""
    yield used.page
    used.page.mouse.move(0, 0)
    used.page.evaluate(LEAVE)
    assert told(used.page) == used.found and used.faults == []


@pytest.fixture(scope="module")
def answers(used: Used, network: Network) -> np.ndarray:
    """The classes that the page gives the first MANY test images."""
    return run(used.page, network.x_test[:MANY])


def bytes_of(images: np.ndarray) -> np.ndarray:
    return np.asarray(np.rint(images * 255), np.uint8)


def run(page: Page, images: np.ndarray, drawn: bool = False) -> np.ndarray:
    """The classes (n,) that the page gives images, as they are or enlarged tenfold through the drawing path."""
    code = """async ([text, size, width, isDrawn]) => {
        const network = await explorer, bytes = fromBase64(text, Uint8Array), classes = [];
        const large = (image) => {
            const values = new Float32Array(size * 100), row = width * 10;
            for (let n = 0; n < values.length; n++)
                values[n] = image[Math.floor(n / (row * 10)) * width + Math.floor((n % row) / 10)];
            return values;
        };
        for (let start = 0; start < bytes.length; start += size) {
            const image = Float32Array.from(bytes.subarray(start, start + size), (value) => value / 255);
            const seen = isDrawn ? network.normalized(large(image), width * 10) : image;
            const { probabilities } = network.run(seen);
            classes.push(probabilities.indexOf(Math.max(...probabilities)));
        }
        return classes; }"""
    size = int(np.prod(images.shape[1:]))
    parts = [
        page.evaluate(code, [encoded(bytes_of(images[n : n + 500])), size, images.shape[2], drawn])
        for n in range(0, len(images), 500)
    ]
    return np.concatenate(parts)


# --- agreement with Keras ------------------------------------------------------------------------


def test_every_layer_agrees_with_keras_on_a_hundred_images(page: Page, network: Network) -> None:
    code = """async ([text, size]) => {
        const network = await explorer, bytes = fromBase64(text, Uint8Array), found = [];
        for (let start = 0; start < bytes.length; start += size) {
            const image = Float32Array.from(bytes.subarray(start, start + size), (value) => value / 255);
            const { maps, probabilities } = network.run(image);
            found.push([...Object.values(maps), probabilities].map(toBase64));
        }
        return found; }"""
    worst = 0.0
    for start in range(0, 100, BATCH):
        images = network.x_test[start : start + BATCH]
        (batch,) = Recorder(network.model, network.maps).stream([images])
        found = page.evaluate(code, [encoded(bytes_of(images)), int(np.prod(images.shape[1:]))])
        for n, layers in enumerate(found):
            for text, expected in zip(layers, [*batch.maps, batch.outputs], strict=True):
                worst = max(worst, float(np.abs(decoded(text) - np.ravel(expected[n])).max()))
    assert 0 < worst < 1e-4


def test_the_class_agrees_with_keras(answers: np.ndarray, network: Network) -> None:
    assert np.array_equal(answers, network.outputs(network.x_test[:MANY]).argmax(axis=1))


def test_the_page_says_how_closely_it_agrees(page: Page, network: Network) -> None:
    said = page.locator(".check-result").inner_text()
    values = sum(np.prod(network.explorer.operations[layer.operation].shape) for layer in network.explorer.layers)
    found = re.search(
        r"test image (\d+) the ([\d,]+) values .* by at most ([\d.]+)(?:\s×\s10⁻([⁰¹²³⁴⁵⁶⁷⁸⁹]))? \((\w+)\)", said
    )
    assert found and int(found[2].replace(",", "")) == values + network.explorer.classes
    assert float(found[3]) * 10.0 ** -"⁰¹²³⁴⁵⁶⁷⁸⁹".index(found[4] or "⁰") < 1e-4


def test_the_untrained_weights_are_those_that_training_began_with(page: Page, network: Network, site: Path) -> None:
    store = store_of(site)
    initial = read_npz(last(store, "train").path("initial.npz"))
    packed = unpacked(last(store, "explorer").read("untrained.packed"), np.float16)
    assert np.array_equal(
        packed, np.concatenate([np.ravel(initial[name]) for name in sorted(initial)]).astype(np.float16)
    )
    trained = told(page)
    page.get_by_label("untrained", exact=True).check()
    assert told(page) != trained
    page.get_by_label("trained", exact=True).check()
    assert told(page) == trained


def test_rounding_changes_hardly_any_answer(network: Network) -> None:
    rounding = network.explorer.rounding
    assert rounding.images == len(network.y_test)
    assert rounding.correct_rounded == int((network.outputs(network.x_test).argmax(axis=1) == network.y_test).sum())
    assert abs(rounding.correct_rounded - rounding.correct) <= rounding.changed <= 0.002 * rounding.images + 1


# --- drawing -------------------------------------------------------------------------------------


def needs_own_data(page: Page) -> None:
    if page.locator(".title .preview").count():
        pytest.skip("drawings are compared with the digits of MNIST; name its file in MNIST_PATH")


def draw(page: Page, strokes: list[list[tuple[float, float]]]) -> None:
    pad = page.locator(".explorer .pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()


@pytest.mark.parametrize("digit", SHAPES)
def test_a_drawn_digit_is_recognized(page: Page, digit: str) -> None:
    needs_own_data(page)
    draw(page, SHAPES[digit])
    settled(page)
    assert page.locator(".explorer .class").inner_text() == digit
    assert told(page)[int(digit)] == max(told(page)) > 0.5


def test_test_images_survive_being_enlarged_and_drawn(
    page: Page, network: Network, answers: np.ndarray, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_own_data(page)
    labels, redrawn = network.y_test[:DRAWN], run(page, network.x_test[:DRAWN], drawn=True)
    plain, drawn = (float((classes == labels).mean()) for classes in (answers[:DRAWN], redrawn))
    record_property("accuracy_change_by_drawing", drawn - plain)
    with capsys.disabled():
        print(f" [{DRAWN} images: {plain:.2%} as they are, {drawn:.2%} drawn]", end="")
    assert abs(drawn - plain) <= 0.01


def test_a_drawing_fills_the_box_and_is_balanced_on_the_canvas(page: Page) -> None:
    draw(page, SHAPES["3"])
    settled(page)
    seen = np.array(page.evaluate("explorer.then((e) => [...e.seen()])")).reshape(28, 28)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert rows[-1] - rows[0] + 1 == 20 and columns[-1] - columns[0] + 1 < 20
    center = [float((seen.sum(axis=axis) @ np.arange(28)) / seen.sum()) for axis in (1, 0)]
    assert center == pytest.approx([14, 14], abs=0.5)
    assert 0.9 < seen.max() <= 1.000001


def test_what_is_drawn_can_be_taken_back_and_nothing_is_predicted_on_an_empty_canvas(page: Page) -> None:
    draw(page, [*SHAPES["1"], [(0.2, 0.8), (0.8, 0.8)]])
    both = told(page)
    assert not page.locator("[name=explorer-image]:checked").count()
    page.get_by_role("button", name="Undo").click()
    assert told(page) != both
    page.get_by_role("button", name="Clear").click()
    settled(page)
    assert page.locator(".explorer .class").inner_text() == "–"
    assert set(page.locator(".explorer .classes .number").all_inner_texts()) == {""}
    assert page.evaluate("explorer.then((e) => e.seen())") is None
    draw(page, SHAPES["1"])
    page.get_by_role("button", name="Undo").click()
    settled(page)
    assert page.locator(".explorer .class").inner_text() == "–"


def test_where_nothing_is_drawn_nothing_can_be_taken_back(page: Page, network: Network) -> None:
    before = told(page)
    page.get_by_role("button", name="Undo").click()
    assert told(page) == before
    assert page.locator("[name=explorer-image]:checked").input_value() == str(network.explorer.shown)


def test_on_an_empty_canvas_no_layer_has_a_range(page: Page, network: Network) -> None:
    name = network.explorer.layers[0].name
    maps(page, name)
    page.get_by_role("button", name="Clear").click()
    settled(page)
    scale = page.get_by_role("group", name=re.compile(rf"^{name} ")).locator(".scale > span:visible")
    assert scale.all_inner_texts() == ["0", "–"]


def touches(session: CDPSession, places: list[tuple[float, float]]) -> None:
    """A finger that is put down, moved, and lifted."""
    for place, kind in zip(places, ["touchStart", *["touchMove"] * (len(places) - 1)], strict=True):
        points = [{"x": place[0], "y": place[1]}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def strokes_of_a_pen(session: CDPSession, places: list[tuple[float, float]]) -> None:
    """The same with a pen."""
    kinds = ["mousePressed", *["mouseMoved"] * (len(places) - 2), "mouseReleased"]
    for (x, y), kind in zip(places, kinds, strict=True):
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1, "pointerType": "pen"}
        session.send("Input.dispatchMouseEvent", event)


@pytest.mark.parametrize("move", [touches, strokes_of_a_pen], ids=["finger", "pen"])
def test_a_finger_and_a_pen_draw_and_do_not_scroll(browser: Browser, site: Path, move: Move) -> None:
    page, faults = opened(browser, site / "index.html", has_touch=True)
    pad = page.locator(".explorer .pad")
    pad.scroll_into_view_if_needed()
    box, before = pad.bounding_box(), page.evaluate("scrollY")
    assert box and pad.evaluate("e => getComputedStyle(e).touchAction") == "none"
    session = page.context.new_cdp_session(page)
    move(session, [(box["x"] + box["width"] / 2, box["y"] + box["height"] * part) for part in (0.2, 0.4, 0.6, 0.8)])
    settled(page)
    rows, _columns = network_rows(page)
    assert rows >= 20 and page.evaluate("scrollY") == before and faults == []


def network_rows(page: Page) -> tuple[int, int]:
    """How many rows and columns of the image that the network sees have ink."""
    seen = np.array(page.evaluate("explorer.then((e) => [...e.seen()])")).reshape(28, 28)
    return int(seen.any(axis=1).sum()), int(seen.any(axis=0).sum())


def test_a_stroke_that_is_taken_back_while_it_is_drawn_ends(page: Page) -> None:
    pad = page.locator(".explorer .pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    pad.focus()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.keyboard.press("Control+z")
    page.mouse.move(box["x"] + 90, box["y"] + 90, steps=4)
    page.mouse.up()
    settled(page)
    assert page.evaluate("explorer.then((e) => e.seen())") is None


# --- layers --------------------------------------------------------------------------------------


def maps(page: Page, layer: str) -> Locator:
    canvas = page.get_by_role("application", name=f"Maps of {layer}", exact=True)
    canvas.scroll_into_view_if_needed()
    settled(page)
    return canvas


def test_a_channel_that_is_clicked_is_switched_off_as_in_keras(page: Page, network: Network) -> None:
    explorer = network.explorer
    layer = explorer.layers[-2]
    shown = network.x_test[explorer.images[explorer.shown].index][None]
    strongest = int(network_maps(network, shown)[-2].max(axis=(0, 1)).argmax())
    target = network.maps[-2]

    def answer(_layer: Any, _number: int, compute: Any) -> Any:
        return compute() * (np.arange(explorer.operations[layer.operation].shape[-1]) != strongest)

    with intercepted([target.layer], answer):
        expected = np.ravel(network.model(shown, training=False))
    canvas = maps(page, layer.name)
    before = told(page)
    canvas.focus()
    page.keyboard.press("Home")
    canvas.click(position=place_of(canvas, strongest))
    settled(page)
    assert f"channel {strongest}," in page.locator(".readout").inner_text()
    off = page.evaluate("explorer.then((e) => [...e.run(e.seen()).probabilities])")
    assert off == pytest.approx(expected.tolist(), abs=1e-4)
    page.get_by_role("button", name="Switch all channels on").click()
    assert told(page) == before


def network_maps(network: Network, image: np.ndarray) -> list[np.ndarray]:
    (batch,) = Recorder(network.model, network.maps).stream([image])
    return [layer[0] for layer in batch.maps]


def place_of(canvas: Locator, channel: int) -> Any:
    """The middle of a channel's tile, found by the page's own layout: tiles stand in rows, each as wide as the next."""
    width, height = canvas.evaluate("e => [e.clientWidth, e.clientHeight]")
    columns, rows = canvas.evaluate(
        """(e) => {
            const pixels = e.getContext("2d").getImageData(0, 0, e.width, e.height).data;
            const runs = (length, at) => {
                const drawn = Array.from({ length }, (_, n) => pixels[at(n)] > 0);
                return drawn.filter((is, n) => is && !drawn[n - 1]).length; };
            return [runs(e.width, (n) => n * 4 + 3), runs(e.height, (n) => n * e.width * 4 + 3)]; }"""
    )
    return {"x": (channel % columns + 0.4) * width / columns, "y": (channel // columns + 0.4) * height / rows}


def test_a_layer_can_be_switched_off_and_on_as_a_whole(page: Page, network: Network) -> None:
    name, before = network.explorer.layers[0].name, told(page)
    reset = page.get_by_role("button", name="Switch all channels on")
    assert reset.is_disabled()
    page.get_by_role("button", name=f"All off, {name}", exact=True).click()
    settled(page)
    values = page.evaluate(f"explorer.then((e) => Math.max(...e.run(e.seen()).maps['{name}']))")
    assert values == 0 and told(page) != before and reset.is_enabled()
    page.get_by_role("button", name=f"All on, {name}", exact=True).click()
    assert told(page) == before and reset.is_disabled()


def test_receptive_fields_are_those_of_the_arithmetic(page: Page, network: Network) -> None:
    known = fields([call.node for call in network.calls])
    size = network.x_test.shape[1:3]
    for layer in network.explorer.layers:
        field, shape = known[layer.name], network.explorer.operations[layer.operation].shape
        assert isinstance(field, Field)
        for row, column in {(0, 0), (shape[0] // 2, shape[1] // 3), (shape[0] - 1, shape[1] - 1)}:
            expected = np.zeros(size, int)
            starts = [
                first + at * stride for first, at, stride in zip(field.start, (row, column), field.stride, strict=True)
            ]
            top, left = (max(0, start) for start in starts)
            expected[top : starts[0] + field.size[0], left : starts[1] + field.size[1]] = 1
            found = page.evaluate(
                "([n, r, c]) => explorer.then((e) => [...e.field(n, r, c)])", [layer.name, row, column]
            )
            assert np.array_equal(np.reshape(found, size), expected)


def test_pointing_at_a_value_shows_it_and_outlines_what_it_has_seen(page: Page, network: Network) -> None:
    layer = network.explorer.layers[2]
    canvas, view = maps(page, layer.name), page.locator(".explorer .input")
    plain = view.evaluate("e => e.toDataURL()")
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    settled(page)
    said = page.locator(".readout").inner_text()
    found = re.fullmatch(
        rf"{layer.name}, channel (\d+), row (\d+), column (\d+): ([\d.]+); "
        r"sees rows (\d+)–(\d+), columns (\d+)–(\d+)\.",
        said,
    )
    assert found, said
    channel, row, column = (int(found[n]) for n in (1, 2, 3))
    image = network.x_test[network.explorer.images[network.explorer.shown].index][None]
    assert float(found[4]) == pytest.approx(network_maps(network, image)[2][row, column, channel], rel=0.01, abs=1e-3)
    assert view.evaluate("e => e.toDataURL()") != plain
    page.mouse.move(0, 0)
    settled(page)
    assert view.evaluate("e => e.toDataURL()") == plain


def test_a_scale_begins_at_zero_and_can_be_one_for_each_channel(page: Page, network: Network) -> None:
    layer = network.explorer.layers[0]
    canvas = maps(page, layer.name)
    group = page.get_by_role("group", name=re.compile(rf"^{layer.name} "))
    image = network.x_test[network.explorer.images[network.explorer.shown].index][None]
    highest = float(network_maps(network, image)[0].max())
    assert group.locator(".low").inner_text() == "0"
    assert float(group.locator(".high").inner_text()) == pytest.approx(highest, rel=0.01)
    shared = canvas.evaluate("e => e.toDataURL()")
    page.get_by_label("one for each channel").check()
    settled(page)
    assert canvas.evaluate("e => e.toDataURL()") != shared
    assert group.locator(".each").is_visible()


def test_a_test_image_can_be_picked(page: Page, network: Network) -> None:
    place = next(n for n, image in enumerate(network.explorer.images) if n != network.explorer.shown)
    image = network.explorer.images[place]
    page.get_by_label(f"Test image {image.index}, class {image.label}", exact=True).check()
    expected = np.ravel(network.outputs(network.x_test[image.index][None]))
    assert told(page) == pytest.approx(expected.tolist(), abs=1e-3)


def test_what_the_reader_asks_for_is_announced_and_nothing_before(
    browser: Browser, site: Path, network: Network
) -> None:
    page, _ = opened(browser, site / "index.html")
    said = page.locator(".explorer .said")
    assert said.text_content() == ""
    maps(page, network.explorer.layers[0].name).focus()
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect(said).to_have_text(re.compile(r", switched off: 0; .*Class \d"))


def test_keys_of_the_browser_are_left_to_it(page: Page, network: Network) -> None:
    maps(page, network.explorer.layers[0].name).focus()
    page.evaluate("addEventListener('keydown', (event) => { window.isTaken = event.defaultPrevented; })")
    for key, is_taken in (("Control+ArrowRight", False), ("Control+Home", False), ("ArrowRight", True)):
        page.keyboard.press(key)
        assert page.evaluate("isTaken") is is_taken


# --- without a mouse, without scripts, on every screen -------------------------------------------


def test_all_of_it_works_by_the_keyboard_alone(page: Page, network: Network) -> None:
    page.locator("[name=explorer-image]:checked").focus()
    first = told(page)
    page.keyboard.press("ArrowRight")
    assert page.locator("[name=explorer-image]:checked").input_value() != str(network.explorer.shown)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.locator("[name=explorer-weights]:checked").input_value() == "untrained"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "pad"
    page.keyboard.press("Space")
    for _ in range(12):
        page.keyboard.press("ArrowUp")
    drawn = told(page)
    assert drawn != first and page.evaluate("explorer.then((e) => e.seen().some((value) => value > 0))")
    for _ in range(3):  # undo, clear, the first layer's buttons
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    name = network.explorer.layers[0].name
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == f"Maps of {name}"
    page.keyboard.press("Home")
    for key in ("ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    settled(page)
    assert f"{name}, channel 1, row 14, column 13" in page.locator(".readout").inner_text()
    page.keyboard.press("Space")
    settled(page)
    assert "switched off" in page.locator(".readout").inner_text()
    page.keyboard.press("Enter")
    assert told(page) == drawn


def test_where_a_browser_cannot_unpack_the_weights_the_static_figures_stand_in_its_place(
    browser: Browser, site: Path
) -> None:
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text))
    page.goto((site / "index.html").as_uri())
    expect(page.locator(".explorer .instead")).to_be_visible()
    expect(page.locator(".explorer .live")).to_be_hidden()
    assert [text.partition(":")[0] for text in warnings] == ["The explorer cannot run here"]


def test_without_scripts_the_static_figures_stand_in_its_place(browser: Browser, site: Path) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((site / "index.html").as_uri())
    assert page.locator(".explorer .instead").is_visible() and not page.locator(".explorer .live").is_visible()
    assert page.locator(".explorer .instead a").first.get_attribute("href") == "#fig:feature-maps"


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_it_fits_every_screen_light_and_dark(browser: Browser, site: Path, width: int) -> None:
    for scheme in ("light", "dark"):
        page, faults = opened(browser, site / "index.html", color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        small = page.locator(".explorer").evaluate("""(e) => [...e.querySelectorAll("button, input, canvas, summary")]
            .filter((target) => target.matches("button, input, .maps, .pad, summary"))
            .map((target) => [target.className, (target.closest("label") ?? target).getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)""")
        assert small == [] and faults == []
        page.context.close()


def test_nothing_moves_when_it_starts(browser: Browser, site: Path) -> None:
    page, _ = opened(browser, site / "index.html")
    page.evaluate("document.querySelector('.explorer').scrollIntoView()")
    heights = "() => [...document.querySelectorAll('.explorer .layer')].map((e) => e.getBoundingClientRect().top)"
    before = page.evaluate(heights)
    page.get_by_label("one for each channel").check()
    page.get_by_label("untrained", exact=True).check()
    settled(page)
    assert page.evaluate(heights) == before
