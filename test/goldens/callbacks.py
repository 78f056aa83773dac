"""Writes callbacks.json: when Keras 3 stops a training or lowers its learning rate, for given values of the epochs.

pip install keras jax numpy; KERAS_BACKEND=jax python test/goldens/callbacks.py
"""
import json
import os
import re

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy as np

rng = np.random.default_rng(7)


def camel(name):
    return re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), name)


class Optimizer:
    learning_rate = 0.5


class Model:
    """What callbacks touch of a model; its weights are the number of the epoch."""

    def __init__(self):
        self.optimizer = Optimizer()
        self.stop_training = False
        self.weights = None

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def play(callback, values, key):
    model = Model()
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        model.weights = epoch
        callback.on_epoch_end(epoch, {key: value})
        rates.append(float(model.optimizer.learning_rate))
        if model.stop_training:
            break
    callback.on_train_end()
    return model, rates


def series(n, kind):
    if kind == "noisy":
        v = 1 / np.arange(1, n + 1) + rng.normal(0, 0.15, n)
    elif kind == "flat":
        v = np.round(rng.uniform(0, 1, n), 1)
    else:
        v = np.concatenate([np.linspace(1, 0.2, n // 2), np.linspace(0.2, 0.9, n - n // 2)])
    return [float(f"{x:.4g}") for x in v]


stops = [
    {"patience": 0},
    {"patience": 1},
    {"patience": 3},
    {"patience": 2, "min_delta": 0.1},
    {"patience": 2, "min_delta": -0.1},
    {"patience": 2, "start_from_epoch": 4},
    {"patience": 2, "restore_best_weights": True},
    {"patience": 2, "restore_best_weights": True, "start_from_epoch": 3},
    {"patience": 3, "mode": "max", "restore_best_weights": True},
    {"patience": 30, "restore_best_weights": True},
    {"patience": 4, "baseline": 2.0},
]
plateaus = [
    {"patience": 1},
    {"patience": 2, "factor": 0.5},
    {"patience": 2, "factor": 0.5, "cooldown": 2},
    {"patience": 1, "factor": 0.25, "min_lr": 0.05},
    {"patience": 2, "factor": 0.5, "min_delta": 0.2},
    {"patience": 0, "factor": 0.5},
    {"patience": 0, "factor": 0.5, "cooldown": 1},
    {"patience": 2, "factor": 0.5, "mode": "max", "cooldown": 3},
    {"patience": 1, "factor": 0.0, "min_lr": 0.01},
]
rows = []
all_values = {}
for kind in ("noisy", "flat", "valley"):
    values = all_values[kind] = series(24, kind)
    for args in stops:
        callback = keras.callbacks.EarlyStopping(monitor="val_loss", **args)
        model, _ = play(callback, values, "val_loss")
        rows.append(
            {
                "callback": "earlyStopping",
                "args": {camel(k): v for k, v in args.items()},
                "values": kind,
                "stoppedEpoch": callback.stopped_epoch,
                "bestEpoch": callback.best_epoch,
                "weights": model.weights,
            }
        )
    for args in plateaus:
        callback = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", **args)
        _, rates = play(callback, values, "val_loss")
        rows.append(
            {"callback": "reduceLROnPlateau", "args": {camel(k): v for k, v in args.items()}, "values": kind, "rates": rates}
        )
with open(os.path.join(os.path.dirname(__file__), "callbacks.json"), "w") as f:
    json.dump({"values": all_values, "rows": rows}, f, separators=(",", ":"))
