"""Writes keras_basic.json: what Keras 3 computes where TensorFlow.js has no such layer.

pip install keras jax numpy; KERAS_BACKEND=jax python test/goldens/keras_basic.py
"""
import json
import os
import re

os.environ.setdefault("KERAS_BACKEND", "jax")
import keras
import numpy as np

rng = np.random.default_rng(4)


def camel(name):
    return re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), name)


def rounded(a):
    return {"shape": list(np.shape(a)), "values": [float(f"{v:.7g}") for v in np.ravel(np.array(a))]}


def case(factory, layer, config, shapes, training=False):
    """Random inputs and weights, and what comes out (and what the weights are then)."""
    xs = [rng.uniform(-1, 1, s).astype("float32") for s in shapes]
    given = xs if len(xs) > 1 else xs[0]
    layer(given)
    weights = [rng.uniform(0.2, 1.2, w.shape).astype("float32") for w in layer.weights]
    layer.set_weights(weights)
    y = layer(given, training=True) if training else layer(given)
    row = {"layer": factory, "config": config, "x": [rounded(x) for x in xs]}
    row |= {"weights": [rounded(w) for w in weights], "y": rounded(y)}
    if training:
        row["after"] = [rounded(w) for w in layer.get_weights()]
    return row


L = keras.layers
layers = [
    case("subtract", L.Subtract(), {}, [(2, 3), (2, 3)]),
    case("dot", L.Dot(axes=(1, 2), normalize=True), {"axes": [1, 2], "normalize": True}, [(2, 3, 2), (2, 2, 3)]),
    case("add", L.Add(), {}, [(2, 3, 2), (2, 2)]),
    case("concatenate", L.Concatenate(axis=-2), {"axis": -2}, [(2, 1, 2), (2, 2, 2)]),
    case("groupNormalization", L.GroupNormalization(groups=2), {"groups": 2}, [(2, 3, 4)]),
    case("groupNormalization", L.GroupNormalization(groups=-1, axis=1), {"groups": -1, "axis": 1}, [(2, 3, 2)]),
    case("rmsNormalization", L.RMSNormalization(), {}, [(2, 3, 4)]),
    case("unitNormalization", L.UnitNormalization(axis=(1, 2)), {"axis": [1, 2]}, [(2, 3, 2)]),
    case("layerNormalization", L.LayerNormalization(axis=(1, 2)), {"axis": [1, 2]}, [(2, 3, 2)]),
    case("batchNormalization", L.BatchNormalization(axis=1), {"axis": 1}, [(2, 3, 2)]),
    case("batchNormalization", L.BatchNormalization(momentum=0.7), {"momentum": 0.7}, [(3, 2, 2)], training=True),
    case(
        "spectralNormalization",
        L.SpectralNormalization(L.Dense(2), power_iterations=2),
        {"layer": {"className": "Dense", "config": {"units": 2}}, "powerIterations": 2},
        [(2, 3)],
        training=True,
    ),
    case(
        "einsumDense",
        L.EinsumDense("abc,cde->abde", (None, 2, 2), bias_axes="de"),
        {"equation": "abc,cde->abde", "outputShape": [None, 2, 2], "biasAxes": "de"},
        [(2, 2, 3)],
    ),
    case(
        "einsumDense",
        L.EinsumDense("ab...,bc->ac...", (2,), bias_axes="c"),
        {"equation": "ab...,bc->ac...", "outputShape": 2, "biasAxes": "c"},
        [(2, 3, 2)],
    ),
    case("reLU", L.ReLU(0.6, 0.2, 0.3), {"maxValue": 0.6, "negativeSlope": 0.2, "threshold": 0.3}, [(2, 5)]),
    case("elu", L.ELU(0.5), {"alpha": 0.5}, [(2, 3)]),
    case("flatten", L.Flatten(data_format="channels_first"), {"dataFormat": "channelsFirst"}, [(2, 2, 3)]),
    case("softmax", L.Softmax(axis=(1, 2)), {"axis": [1, 2]}, [(2, 2, 3)]),
]

points = np.array([-30, -3, -1.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 1, 1.5, 3, 6.5, 30], "float32")
names = """celu elu exponential gelu glu hard_shrink hard_silu hard_tanh leaky_relu log_sigmoid log_softmax mish relu relu6
selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus tanh tanh_shrink""".split()
activations = {camel(n): rounded(getattr(keras.activations, n)(points))["values"] for n in names}
activations["geluNew"] = rounded(keras.activations.gelu(points, approximate=True))["values"]

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "keras_basic.json"), "w") as f:
    body = {"keras": keras.__version__, "points": [float(p) for p in points], "activations": activations}
    f.write(json.dumps(body | {"layers": layers}, separators=(",", ":")).replace('{"layer"', '\n{"layer"') + "\n")
