"""Results of Keras 3 (jax on the CPU) for layers over signals, images and volumes; writes space.json beside itself.

Run: pip install keras jax, then KERAS_BACKEND=jax python test/goldens/space.py
"""

import json
import os
import re

import keras
import numpy as np


def values(shape, seed, low=-1.0, high=1.0):
    """Small fractions that space.test.ts makes alike."""
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    unit = (i * 37 + 11 * seed + 5) % 101 / 101
    return (low + (high - low) * unit).astype(np.float32).reshape(shape)


SIGNAL, IMAGE, VOLUME = [5, 2], [4, 3, 2], [2, 3, 2, 1]
WIDE = [5, 8, 1]
CONV = {"filters": 2, "kernelSize": 3}
CASES = [
    ("conv1d", "Conv1D", SIGNAL, {**CONV, "padding": "causal"}),
    ("conv1d", "Conv1D", SIGNAL, {**CONV, "padding": "causal", "dilationRate": 2, "useBias": False}),
    ("conv1d", "Conv1D", SIGNAL, {**CONV, "padding": "causal", "strides": 2}),
    ("conv1d", "Conv1D", SIGNAL, {**CONV, "groups": 2, "padding": "same"}),
    ("conv2d", "Conv2D", IMAGE, {"filters": 4, "kernelSize": 2, "groups": 2}),
    ("conv2d", "Conv2D", [2, 3, 3], {"filters": 2, "kernelSize": 2, "dataFormat": "channelsFirst", "activation": "softmax"}),
    ("conv1dTranspose", "Conv1DTranspose", SIGNAL, CONV),
    ("conv1dTranspose", "Conv1DTranspose", SIGNAL, {**CONV, "strides": 2, "padding": "same"}),
    ("conv1dTranspose", "Conv1DTranspose", SIGNAL, {**CONV, "kernelSize": 2, "strides": 3, "padding": "same"}),
    ("conv1dTranspose", "Conv1DTranspose", SIGNAL, {**CONV, "strides": 2, "padding": "same", "outputPadding": 1}),
    ("conv1dTranspose", "Conv1DTranspose", SIGNAL, {**CONV, "strides": 2, "padding": "same", "outputPadding": 0}),
    ("conv1dTranspose", "Conv1DTranspose", SIGNAL, {**CONV, "kernelSize": 4, "strides": 3, "outputPadding": 2}),
    ("conv1dTranspose", "Conv1DTranspose", SIGNAL, {**CONV, "kernelSize": 4, "strides": 3, "padding": "same", "outputPadding": 1}),
    ("conv2dTranspose", "Conv2DTranspose", [2, 2, 2], {**CONV, "strides": 2, "padding": "same", "outputPadding": 1}),
    ("conv3dTranspose", "Conv3DTranspose", [1, 2, 2, 1], {"filters": 1, "kernelSize": 2, "strides": [2, 1, 2]}),
    ("depthwiseConv1d", "DepthwiseConv1D", SIGNAL, {"kernelSize": 2, "depthMultiplier": 2}),
    ("depthwiseConv2d", "DepthwiseConv2D", IMAGE, {"kernelSize": 2, "dilationRate": 2}),
    ("separableConv1d", "SeparableConv1D", SIGNAL, {**CONV, "depthMultiplier": 2, "padding": "same"}),
    ("maxPooling3d", "MaxPooling3D", VOLUME, {"padding": "same"}),
    ("averagePooling3d", "AveragePooling3D", VOLUME, {"poolSize": 2, "padding": "same"}),
    ("averagePooling1d", "AveragePooling1D", SIGNAL, {"poolSize": 3, "strides": 2, "padding": "same"}),
    ("globalAveragePooling3d", "GlobalAveragePooling3D", VOLUME, {"keepdims": True}),
    ("globalMaxPooling1d", "GlobalMaxPooling1D", SIGNAL, {"keepdims": True, "dataFormat": "channelsFirst"}),
    ("zeroPadding1d", "ZeroPadding1D", SIGNAL, {"padding": [1, 2]}),
    ("zeroPadding3d", "ZeroPadding3D", [1, 1, 2, 1], {"padding": [[0, 1], [1, 0], [1, 1]]}),
    ("cropping1d", "Cropping1D", SIGNAL, {"cropping": [1, 2]}),
    ("cropping3d", "Cropping3D", VOLUME, {"cropping": [[0, 1], [1, 1], [1, 0]]}),
    ("upSampling1d", "UpSampling1D", SIGNAL, {"size": 2}),
    ("upSampling3d", "UpSampling3D", [1, 2, 2, 1], {"size": [2, 1, 3]}),
    ("upSampling2d", "UpSampling2D", [2, 3, 1], {"size": [3, 2], "interpolation": "bilinear"}),
    ("resizing", "Resizing", WIDE, {"height": 3, "width": 5}),
    ("resizing", "Resizing", WIDE, {"height": 7, "width": 3}),
    ("resizing", "Resizing", WIDE, {"height": 3, "width": 5, "interpolation": "nearest"}),
    ("resizing", "Resizing", WIDE, {"height": 3, "width": 3, "cropToAspectRatio": True}),
    ("resizing", "Resizing", [2, 4, 1], {"height": 3, "width": 3, "padToAspectRatio": True, "fillValue": 0.5}),
    ("resizing", "Resizing", [1, 5, 8], {"height": 2, "width": 3, "dataFormat": "channelsFirst"}),
    ("centerCrop", "CenterCrop", WIDE, {"height": 2, "width": 3}),
    ("centerCrop", "CenterCrop", WIDE, {"height": 5, "width": 4}),
    ("centerCrop", "CenterCrop", WIDE, {"height": 6, "width": 4}),
    ("rescaling", "Rescaling", IMAGE, {"scale": [0.5, -2.0], "offset": 1.0}),
    ("normalization", "Normalization", SIGNAL, {"mean": [0.5, -0.25], "variance": [2.0, 0.3]}),
    ("normalization", "Normalization", SIGNAL, {"mean": 0.5, "variance": 2.0, "axis": None, "invert": True}),
    ("normalization", "Normalization", SIGNAL, {}),
    ("normalization", "Normalization", IMAGE, {"axis": [1, 3]}),
    ("normalization", "Normalization", SIGNAL, {"axis": None, "invert": True}),
    *[
        ("randomRotation", "RandomRotation", WIDE, {"factor": [0.1, 0.1], "interpolation": i, "fillMode": m, "fillValue": 0.5})
        for i, m in [("bilinear", "reflect"), ("nearest", "constant"), ("bilinear", "nearest"), ("bilinear", "constant")]
    ],
    ("randomTranslation", "RandomTranslation", WIDE, {"heightFactor": [0.25, 0.25], "widthFactor": [-0.3, -0.3]}),
    ("randomTranslation", "RandomTranslation", WIDE, {"heightFactor": [-0.4, -0.4], "widthFactor": [0.25, 0.25], "fillMode": "constant"}),
    ("randomZoom", "RandomZoom", WIDE, {"heightFactor": [0.3, 0.3]}),
    ("randomZoom", "RandomZoom", WIDE, {"heightFactor": [-0.3, -0.3], "widthFactor": [0.2, 0.2], "fillMode": "constant"}),
    ("randomBrightness", "RandomBrightness", WIDE, {"factor": [0.2, 0.2], "valueRange": [-1, 1]}),
]


def snake(key):
    return re.sub("([A-Z])", lambda m: "_" + m[1].lower(), key)


def setting(value):
    return {"channelsFirst": "channels_first"}.get(value, value) if isinstance(value, str) else value


def run(name, cls, shape, config):
    layer = getattr(keras.layers, cls)(**{snake(k): setting(v) for k, v in config.items()})
    x = values([2 if name.startswith("random") else 1, *shape], 1)
    if name == "normalization" and "mean" not in config:
        layer.adapt(values([6, *shape], 2, -2, 3))
    else:
        layer.build(x.shape)
        if layer.trainable_weights:
            layer.set_weights([values(w.shape, k + 2) for k, w in enumerate(layer.weights)])
    random = name.startswith("random")
    y = np.asarray(layer(x, training=True) if random else layer(x))
    return {
        "layer": name,
        "config": config,
        "inputs": shape,
        "shape": list(y.shape),
        "values": [float(f"{v:.5g}") for v in y.ravel()],
    }


with open(os.path.join(os.path.dirname(__file__), "space.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(run(*c)) for c in CASES) + "\n]\n")
