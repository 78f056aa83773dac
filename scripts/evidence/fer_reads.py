"""Compares what fer.mjs wrote with Keras 3, which is given the optimizer's moments from the file: Keras 3 reads none of Keras 2.

pip install keras torch h5py, then python scripts/evidence/fer_reads.py FILE FOLDER
"""

import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")

import h5py
import keras
import numpy as np


def moments(file):
    """Steps, and the moments of each weight by its name: Keras 2.0 has them in the order of the names, first ones first."""
    group = file["optimizer_weights"]
    steps, *rest = [group[name.decode()][()] for name in group.attrs["weight_names"]]
    names = {}
    for layer, weights in file["model_weights"].items():
        for name in weights.attrs["weight_names"]:
            path, kind = name.decode().removesuffix(":0").rsplit("/", 1)
            if not kind.startswith("moving_"):
                names[f"{path}/{kind}:0"] = f"{layer}/{kind}"
    half = len(names)
    return int(steps), {names[name]: rest[i::half] for i, name in enumerate(sorted(names))}


def adam(model, file):
    settings = json.loads(file.attrs["training_config"])["optimizer_config"]["config"]
    optimizer = keras.optimizers.Adam(
        settings["lr"], beta_1=settings["beta_1"], beta_2=settings["beta_2"], epsilon=settings["epsilon"]
    )
    optimizer.build(model.trainable_variables)
    steps, by_name = moments(file)
    values = [moment for v in model.trainable_variables for moment in by_name[v.path]]
    for variable, value in zip(optimizer.variables[2:], values, strict=True):
        variable.assign(value)
    optimizer.iterations.assign(steps)
    return optimizer, steps


def main():
    path, folder = sys.argv[1:]
    with open(os.path.join(folder, "fer.json")) as found:
        here = json.load(found)
    model = keras.models.load_model(path, compile=False)
    size = int(np.prod(here["shape"]))
    mixed = (np.arange(1, size + 1, dtype=np.uint64) * 2654435761) % 2**32
    x = ((mixed >> 8) / 2**24 * 2 - 1).astype("float32").reshape(here["shape"])
    y = np.eye(7, dtype="float32")[np.arange(len(x)) % 7]
    with h5py.File(path) as file:
        optimizer, steps = adam(model, file)
    model.compile(optimizer=optimizer, loss="categorical_crossentropy")
    far = lambda a, b: float(np.abs(np.ravel(a) - np.array(b)).max())
    print("steps in the file", steps, "here", here["iterations"])
    print("predictions differ by", far(model.predict(x, verbose=0), here["before"]))
    losses = [float(np.ravel(model.train_on_batch(x, y))[0]) for _ in here["losses"]]
    print("losses", losses, "differ by", far(losses, here["losses"]))
    print("predictions after training differ by", far(model.predict(x, verbose=0), here["after"]))


main()
