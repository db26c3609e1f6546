"""The explorer in the article: its controls, and what it says of itself."""

from __future__ import annotations

import msgspec
import pytest

from generator.article.explorer_exhibit import INSTEAD, exhibit
from generator.prose.numbering import Label
from generator.records import explorer as records
from generator.records.article import Target
from generator.records.explorer import Exploration, Explorer, Operation, Rounding, ShownLayer
from generator.records.figures import Excerpt, FeatureMaps, Figures, Picture
from generator.render.links import Links

FIGURES = Figures(feature_maps=None, untrained_maps=None, excerpts=(), kernels=None, mistakes=())


def shown(
    *shapes: tuple[int, int, int],
    labels: dict[str, Label] | None = None,
    image: tuple[int, int, int] = (28, 28, 1),
    drawn: Figures = FIGURES,
    target: Target = "page",
) -> str:
    """The explorer of a network whose layers have maps of these shapes."""
    names = [f"layer{number}" for number in range(len(shapes))]
    explorer = Explorer(
        seed=0,
        classes=2,
        value_range=(0.0, 1.0),
        operations=(
            Operation("image", "input", (), image),
            *(Operation(name, "relu", (0,), shape) for name, shape in zip(names, shapes, strict=True)),
        ),
        layers=tuple(ShownLayer(name, "convolution", number) for number, name in enumerate(names, 1)),
        output="probabilities",
        images=(records.TestImage(0, 1),),
        shown=0,
        rounding=Rounding(10, 9, 9, 0),
        palettes={},
    )
    pictures = {"input.png": b"input", "excerpt.png": b"excerpt"}
    return exhibit(Exploration(explorer), None, labels or {}, drawn, pictures, ("a", "b"), Links(target, {})).html


def test_what_is_in_sight_says_that_the_last_digit_may_differ() -> None:
    told = "rounded to half precision, so the last digit of a value may differ from\n"
    assert f"{told}the rest of the article.</p>\n<details" in shown((4, 4, 8))
    numbered = shown((4, 4, 8), labels={INSTEAD: Label("fig:feature-maps", "Figure 3", 1)})
    assert f'{told}<a class="reference" href="#fig:feature-maps">Figure 3</a>.</p>' in numbered


@pytest.mark.parametrize("layers", [1, 2, 3, 4])
def test_the_hint_takes_the_place_that_an_odd_number_of_layers_leaves_free(layers: int) -> None:
    html = shown(*[(4, 4, 8)] * layers)
    assert ('<div class="grid odd">\n<p class="help"' in html) == (layers % 2 == 1)
    assert '<div class="grid' in html


def test_room_is_kept_for_strips_as_they_are_stretched_and_they_are_said_to_be() -> None:
    html = shown((3, 240, 8))
    assert "--ratio: 1920 / 60" in html
    assert "<span>drawn 20 times as high</span>" in html


def test_a_stretched_image_is_said_to_be_to_who_sees_it_and_to_who_hears_it() -> None:
    html = shown((4, 4, 8), image=(3, 240, 1))
    assert "<legend>Test images, drawn 20 times as high</legend>" in html
    assert 'aria-label="What the network sees: 3 by 240 pixels, drawn 20 times as high"' in html
    assert 'style="--image: 240 / 60"' in html
    assert "times as" not in shown((4, 4, 8))


def test_the_picture_in_the_pdf_says_what_is_stretched_in_its_alternative_texts_too() -> None:
    image, row = Picture("input.png", 240, 60, stretch=(20, 1)), Picture("excerpt.png", 240, 60)
    maps = FeatureMaps(seed=0, index=12, label=1, predicted=0, probability=0.75, input=image, layers=())
    drawn = msgspec.structs.replace(FIGURES, feature_maps=maps, excerpts=(Excerpt("a", (240, 3, 8), (5, 2), row),))
    html = shown((240, 3, 8), drawn=drawn, target="print")
    assert "Test image 12, class b, drawn 20 times as high. The network" in html
    assert 'alt="Test image 12, drawn 20 times as high, of class b."' in html
    assert 'alt="The channels of a that are most active, drawn 20 times as wide: 5, 2."' in html
