"""Writes losses.json: values and gradients of the losses of Keras 3, and their reductions with weights and masks.

pip install keras jax; python test/goldens/losses.py
"""

import json
import os
import re

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
import jax
import keras
import numpy as np

rng = np.random.default_rng(5)
L = keras.losses


def snake(name):
    return re.sub(r"[A-Z]", lambda m: "_" + m.group(0).lower(), name)


def rounded(a, digits=8):
    flat = [float(f"{v:.{digits}g}") for v in np.ravel(np.array(a, "float64"))]
    assert np.isfinite(flat).all()
    return [int(v) if v == int(v) and abs(v) < 1e6 else v for v in flat]


def reals(shape):
    return rng.uniform(-2, 2, shape).round(3)


def shares(shape):
    return rng.uniform(0.03, 0.97, shape).round(3)


def positive(shape):
    return rng.uniform(0.1, 3, shape).round(3)


def bits(shape):
    return rng.integers(0, 2, shape)


def signs(shape):
    return rng.integers(0, 2, shape) * 2 - 1


def classes(shape):
    return rng.integers(0, 3, shape)


def hot(shape):
    return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]


def hot_at(axis):
    return lambda shape: np.moveaxis(hot([d for i, d in enumerate(shape) if i != axis] + [shape[axis]]), -1, axis)


def units(shape):
    x = rng.uniform(-1, 1, shape)
    return (x / np.linalg.norm(x, axis=-1, keepdims=True)).round(4)


def given(*values):
    return lambda shape: np.array(values, "float64").reshape(shape)


def row(name, keras_class, config, y, p, y_shape, p_shape, precision="float64"):
    keras.config.set_floatx(precision)
    settings = {snake(k): v for k, v in config.items()}
    targets, predictions = y(y_shape), p(p_shape).astype(precision)
    # Keras with jax takes sparse targets along the last axis alone.
    axis = settings.pop("axis") if name.startswith("sparse") and "axis" in settings else None
    at_last = lambda t: t if axis is None else jax.numpy.moveaxis(t, axis, -1)
    taken = targets.reshape([d for i, d in enumerate(y_shape) if i != axis or len(y_shape) < len(p_shape)])
    measure = getattr(L, keras_class)(reduction="none", **settings)
    loss = lambda t: measure(taken if axis is not None else targets, at_last(t))
    values = loss(predictions)
    weights = 1 + np.arange(values.size).reshape(values.shape) % 3
    made = {
        "loss": name,
        "config": config,
        "y": {"shape": y_shape, "values": rounded(targets)},
        "p": {"shape": p_shape, "values": rounded(predictions)},
        "values": {"shape": list(values.shape), "values": rounded(values)},
        "mean": rounded(getattr(L, keras_class)(**settings)(taken if axis is not None else targets, at_last(predictions)))[0],
    }
    if precision == "float64":
        slope = jax.grad(lambda t: (loss(t) * weights).sum())(jax.numpy.array(predictions))
        made["gradient"] = rounded(slope)
    return made


SHAPES = [([4, 3], [4, 3]), ([2, 3, 2], [2, 3, 2])]
rows = []
for name, keras_class, y, p in [
    ("meanSquaredError", "MeanSquaredError", reals, reals),
    ("meanAbsoluteError", "MeanAbsoluteError", reals, reals),
    ("meanAbsolutePercentageError", "MeanAbsolutePercentageError", positive, reals),
    ("meanSquaredLogarithmicError", "MeanSquaredLogarithmicError", positive, positive),
    ("logCosh", "LogCosh", reals, reals),
    ("huber", "Huber", reals, reals),
    ("poisson", "Poisson", positive, positive),
    ("cosineSimilarity", "CosineSimilarity", reals, reals),
    ("binaryCrossentropy", "BinaryCrossentropy", bits, shares),
    ("categoricalCrossentropy", "CategoricalCrossentropy", hot, shares),
    ("binaryFocalCrossentropy", "BinaryFocalCrossentropy", bits, shares),
    ("categoricalFocalCrossentropy", "CategoricalFocalCrossentropy", hot, shares),
    ("hinge", "Hinge", signs, reals),
    ("squaredHinge", "SquaredHinge", signs, reals),
    ("categoricalHinge", "CategoricalHinge", hot, reals),
    ("kullbackLeiblerDivergence", "KLDivergence", shares, shares),
    ("dice", "Dice", bits, shares),
    ("tversky", "Tversky", bits, shares),
]:
    rows += [row(name, keras_class, {}, y, p, *shapes) for shapes in SHAPES]
# Ranks that differ by one.
rows += [
    row("meanSquaredError", "MeanSquaredError", {}, reals, reals, [5], [5, 1]),
    row("meanSquaredError", "MeanSquaredError", {}, reals, reals, [5, 1], [5]),
    row("meanAbsoluteError", "MeanAbsoluteError", {}, reals, reals, [2, 3, 1], [2, 3]),
    row("huber", "Huber", {}, reals, reals, [2, 3], [2, 3, 1]),
    row("binaryCrossentropy", "BinaryCrossentropy", {}, bits, shares, [5], [5, 1]),
    row("hinge", "Hinge", {}, bits, reals, [5], [5, 1]),
    row("poisson", "Poisson", {}, positive, positive, [4], [4]),
]
for config in [{"fromLogits": True}, {"labelSmoothing": 0.2}, {"fromLogits": True, "labelSmoothing": 0.1}]:
    p = reals if "fromLogits" in config else shares
    rows += [
        row("binaryCrossentropy", "BinaryCrossentropy", config, bits, p, [4, 3], [4, 3]),
        row("categoricalCrossentropy", "CategoricalCrossentropy", config, hot, p, [4, 3], [4, 3]),
        row("binaryFocalCrossentropy", "BinaryFocalCrossentropy", config, bits, p, [4, 3], [4, 3]),
        row("categoricalFocalCrossentropy", "CategoricalFocalCrossentropy", config, hot, p, [4, 3], [4, 3]),
    ]
focal = {"alpha": 0.7, "gamma": 1.5, "applyClassBalancing": True}
rows += [
    row("binaryFocalCrossentropy", "BinaryFocalCrossentropy", focal, bits, shares, [4, 3], [4, 3]),
    row("binaryFocalCrossentropy", "BinaryFocalCrossentropy", {"gamma": 0, "axis": 1}, bits, shares, [2, 3, 2], [2, 3, 2]),
    row("categoricalFocalCrossentropy", "CategoricalFocalCrossentropy", {"alpha": [1, 0.5, 2], "gamma": 0.5}, hot, shares, [4, 3], [4, 3]),
    row("binaryCrossentropy", "BinaryCrossentropy", {"axis": 1}, bits, shares, [2, 3, 2], [2, 3, 2]),
    row("categoricalCrossentropy", "CategoricalCrossentropy", {"axis": 1}, hot_at(1), shares, [2, 3, 2], [2, 3, 2]),
    row("categoricalCrossentropy", "CategoricalCrossentropy", {"axis": -2, "fromLogits": True}, hot_at(1), reals, [2, 3, 2], [2, 3, 2]),
    row("categoricalFocalCrossentropy", "CategoricalFocalCrossentropy", {"axis": 1}, hot_at(1), shares, [2, 3, 2], [2, 3, 2]),
    row("huber", "Huber", {"delta": 0.4}, reals, reals, [4, 3], [4, 3]),
    row("cosineSimilarity", "CosineSimilarity", {"axis": 1}, reals, reals, [2, 3, 2], [2, 3, 2]),
    row("hinge", "Hinge", {}, bits, reals, [4, 3], [4, 3]),
    row("squaredHinge", "SquaredHinge", {}, bits, reals, [4, 3], [4, 3]),
    row("hinge", "Hinge", {}, given(0, 1, -1, 0.5, 2, 1), reals, [2, 3], [2, 3]),
    row("dice", "Dice", {"axis": [1, 2]}, bits, shares, [2, 3, 2], [2, 3, 2]),
    row("dice", "Dice", {"axis": -1}, bits, shares, [2, 3, 2], [2, 3, 2]),
    row("tversky", "Tversky", {"alpha": 0.2, "beta": 0.9, "axis": [1, 2]}, bits, shares, [2, 3, 2], [2, 3, 2]),
]
sparse = ("sparseCategoricalCrossentropy", "SparseCategoricalCrossentropy")
rows += [
    row(*sparse, {}, classes, shares, [4], [4, 3]),
    row(*sparse, {}, classes, shares, [4, 1], [4, 3]),
    row(*sparse, {"fromLogits": True}, classes, reals, [2, 2], [2, 2, 3]),
    row(*sparse, {"axis": 1}, classes, shares, [2, 2], [2, 3, 2]),
    row(*sparse, {"axis": 1, "fromLogits": True}, classes, reals, [2, 1, 2], [2, 3, 2]),
    row(*sparse, {"ignoreClass": -1}, given(0, -1, 2, -1, 1), shares, [5], [5, 3]),
    row(*sparse, {"ignoreClass": 1, "fromLogits": True}, given(0, 1, 2, 0), reals, [2, 2], [2, 2, 3]),
    row(*sparse, {"ignoreClass": 0}, given(0, 0), shares, [2], [2, 3]),
    row("categoricalGeneralizedCrossEntropy", "CategoricalGeneralizedCrossEntropy", {}, classes, shares, [4], [4, 3]),
    row("categoricalGeneralizedCrossEntropy", "CategoricalGeneralizedCrossEntropy", {"q": 0.8}, classes, shares, [4], [4, 3]),
    row("circle", "Circle", {}, given(0, 1, 0, 2, 1), units, [5], [5, 3]),
    row("circle", "Circle", {"gamma": 4, "margin": 0.1}, given(0, 1, 0, 1, 1), units, [5, 1], [5, 3]),
    row("circle", "Circle", {"gamma": 2, "removeDiagonal": False}, given(0, 1, 2, 2), units, [4], [4, 2]),
]
# The ends; what Keras gives in float32, which clips where float64 does not.
ends = given(0, 1, 1, 0, 0, 1, 1, 0)
halves = given(0, 1, 0, 1, 1, 0, 0.5, 0.5)
big = given(1e4, -1e4, -1e4, 1e4, 1e4, 1e4, 0, -0.0)
wide = [[4, 2], [4, 2], "float32"]
rows += [
    row("binaryCrossentropy", "BinaryCrossentropy", {}, halves, ends, *wide),
    row("binaryCrossentropy", "BinaryCrossentropy", {"fromLogits": True}, halves, big, *wide),
    row("categoricalCrossentropy", "CategoricalCrossentropy", {}, halves, ends, *wide),
    row("categoricalCrossentropy", "CategoricalCrossentropy", {"fromLogits": True}, halves, big, *wide),
    row(*sparse, {}, given(0, 1, 1, 0), ends, [4], [4, 2], "float32"),
    row(*sparse, {"fromLogits": True}, given(0, 0, 1, 0), big, [4], [4, 2], "float32"),
    row("binaryFocalCrossentropy", "BinaryFocalCrossentropy", {}, halves, ends, *wide),
    row("categoricalFocalCrossentropy", "CategoricalFocalCrossentropy", {}, halves, ends, *wide),
    row("categoricalGeneralizedCrossEntropy", "CategoricalGeneralizedCrossEntropy", {}, given(0, 1, 1, 0), ends, [4], [4, 2], "float32"),
    row("kullbackLeiblerDivergence", "KLDivergence", {}, halves, ends, *wide),
    row("poisson", "Poisson", {}, halves, ends, *wide),
    row("logCosh", "LogCosh", {}, halves, big, *wide),
    row("huber", "Huber", {}, halves, big, *wide),
    row("meanAbsolutePercentageError", "MeanAbsolutePercentageError", {}, ends, halves, *wide),
    row("meanSquaredLogarithmicError", "MeanSquaredLogarithmicError", {}, halves, big, *wide),
    row("cosineSimilarity", "CosineSimilarity", {}, halves, given(0, 0, 1e4, 1e4, -1e-3, 0, 1, 1), *wide),
    row("dice", "Dice", {}, given(0, 0, 0, 0), given(0, 0, 0, 0), [2, 2], [2, 2], "float32"),
    row("tversky", "Tversky", {"axis": -1}, given(0, 0, 1, 1), given(0, 0, 1, 1), [2, 2], [2, 2], "float32"),
    row("circle", "Circle", {}, given(0, 1, 2), given(1, 0, 0, 1, 1, 0), [3], [3, 2], "float32"),
]

# Reductions, of the absolute errors of [4, 3] targets of which each is a vector of two.
reductions = []
values, ones = reals([4, 3, 2]), np.ones([4, 3, 2])
keras.config.set_floatx("float64")


def reduced(reduction, weights, mask):
    p = keras.ops.convert_to_tensor(values)
    if mask is not None:
        keras.src.backend.set_keras_mask(p, keras.ops.convert_to_tensor(np.array(mask, "bool")))
    # Keras would count a weight for a whole row once, though it weighs all its values.
    spread = None if weights is None else np.broadcast_to(weights, [4, 3])
    made = L.MeanAbsoluteError(reduction=snake(reduction))(ones, p, sample_weight=spread)
    reductions.append(
        {
            "reduction": reduction,
            "weights": weights if weights is None else np.array(weights).tolist(),
            "mask": mask if mask is None else np.array(mask).tolist(),
            "value": rounded(made),
        }
    )


for reduction in ["sumOverBatchSize", "mean", "sum", "meanWithSampleWeight", "none"]:
    for weights in [None, positive([4, 3]), positive([4, 1]), [[1.0, 0, 2], [0, 0, 0], [1, 1, 1], [3, 0, 0]], np.zeros([4, 3])]:
        for mask in [None, bits([4, 3]), np.zeros([4, 3])]:
            reduced(reduction, weights, mask)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "losses.json")
with open(path, "w") as file:
    lines = ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows)
    more = ",\n".join(json.dumps(r, separators=(",", ":")) for r in reductions)
    data = json.dumps(rounded(values))
    file.write(f'{{"losses":[\n{lines}\n],"predictions":{data},"reductions":[\n{more}\n]}}\n')
