"""What the published article does, as its reader would run it: train, print the summary, draw the feature maps.

It is stock Keras and Matplotlib, with the network of report/experiment.py. The benchmark runs it as a script, and its
cells, which `# %%` separates, as a notebook.
"""

# %%
import importlib
import io
import os

import keras
import matplotlib.pyplot as plt
import numpy as np

# %%
with np.load(os.environ["MNIST_PATH"]) as data:
    x_train, y_train, x_test, y_test = (data[name] for name in ("x_train", "y_train", "x_test", "y_test"))
x_train = x_train.astype("float32")[..., None] / 255
x_test = x_test.astype("float32")[..., None] / 255

# %%
model = importlib.import_module("report.experiment").build_model()
model.summary()

# %%
model.fit(x_train, y_train, epochs=2, batch_size=32, validation_data=(x_test, y_test))

# %%
names = [layer.name for layer in model.layers if layer.name.startswith(("conv", "pool"))]
viewer = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
for name, maps in zip(names, viewer.predict(x_test[:1]), strict=True):
    figure, axes = plt.subplots(maps.shape[-1] // 8, 8, figsize=(8, maps.shape[-1] // 8))
    for channel, axis in enumerate(axes.flat):
        axis.imshow(maps[0, ..., channel], cmap="viridis")
        axis.axis("off")
    figure.suptitle(name)
    figure.savefig(io.BytesIO())
    plt.close(figure)
