"""What the article measures itself: how well the networks classify rotated images."""

import numpy as np
from experiment import turned

from generator import figure, measure, table

ANGLES = (0, 15, 30, 45)


@measure
def rotation(run):
    """Test accuracy on images rotated by this many degrees."""
    accuracy = {}
    for angle in ANGLES:
        images = np.stack([turned(image, angle) for image in run.x_test])
        predicted = run.model.predict(images, verbose=0).argmax(axis=1)
        accuracy[angle] = predicted == run.y_test  # booleans, whose share is the result
    return {"accuracy": accuracy}


@figure
def rotation_curve(results, axes):
    """A line for each condition."""
    for name, condition in conditions(results).items():
        axes.plot(ANGLES, [condition.analysis.rotation.accuracy[angle].mean for angle in ANGLES], label=name)
    axes.set(title="Accuracy on rotated images", xlabel="Angle in degrees", ylabel="Test accuracy")
    axes.set_xticks(ANGLES)
    ends = (f"{name} {at_both_ends(condition)}" for name, condition in conditions(results).items())
    return f"Test accuracy by angle, mean over the replicates, upright and at the largest angle: {'; '.join(ends)}."


def at_both_ends(condition):
    """The accuracy upright and at the largest angle, as text."""
    return " and ".join(f"{condition.analysis.rotation.accuracy[angle].mean:.0%}" for angle in (ANGLES[0], ANGLES[-1]))


@table
def rotation_rows(results):
    """A row for each angle, a column for each condition."""
    header = ["Angle", *conditions(results)]
    rows = [
        [f"{angle}°", *((one.analysis.rotation.accuracy[angle], "percent") for one in conditions(results).values())]
        for angle in ANGLES
    ]
    return header, rows


def conditions(results):
    """The main condition and the variants, by what the figure and the table call them."""
    return {"as described": results, **{one.title: one for one in results.variants.values()}}
