"""Random models computed by Keras 3 (torch on the CPU, float64); writes models.json beside itself.

Each row is a model's steps, and what it predicts before and after two steps of gradient descent.
Run: pip install keras torch, then python test/goldens/models.py
"""

import json
import os
import random
import re

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

keras.config.set_floatx("float64")
torch.set_num_threads(1)
BATCH, RATE, MODELS = 3, 0.05, int(os.environ.get("MODELS", "1000"))

CLASSES = {
    name: name[0].upper() + name[1:].replace("1d", "1D").replace("2d", "2D").replace("3d", "3D")
    for name in """dense flatten reshape permute repeatVector activation leakyReLU elu softmax batchNormalization
    layerNormalization groupNormalization unitNormalization rescaling embedding conv1d conv2d depthwiseConv2d
    separableConv2d separableConv1d conv2dTranspose conv1dTranspose maxPooling1d maxPooling2d averagePooling1d averagePooling2d
    globalMaxPooling1d globalMaxPooling2d globalAveragePooling1d globalAveragePooling2d zeroPadding1d zeroPadding2d
    cropping1d cropping2d upSampling1d upSampling2d add subtract multiply average maximum minimum concatenate dot
    attention additiveAttention multiHeadAttention masking prelu""".split()
} | {"lstm": "LSTM", "gru": "GRU", "simpleRNN": "SimpleRNN", "elu": "ELU", "prelu": "PReLU"}

MOVES = re.compile("(separable|depthwise)?conv|(max|average)pool|zero|crop|up|permute|flatten|reshape|repeat", re.I)


def values(shape, seed, low=-1.0, high=1.0):
    """Numbers that the test makes alike: exact products modulo 2^32."""
    i = np.arange(int(np.prod(shape)), dtype=np.uint64)
    mixed = ((i + 1) * 2654435761 + (seed + 1) * 2246822519) % 2**32
    mixed = (mixed ^ (mixed >> 15)) * 2654435769 % 2**32
    return (low + (high - low) * (mixed >> 8) / 2**24).astype(np.float32).astype(np.float64).reshape(shape)


def snake(config):
    return {re.sub("([A-Z])", lambda m: "_" + m[1].lower(), k): v for k, v in config.items()}


class Builder:
    """Steps of one random model, with the symbolic values that they give."""

    def __init__(self, rng):
        self.rng = rng
        self.steps, self.values, self.layers = [], [], {}

    def rank(self, i):
        return len(self.values[i].shape) - 1

    def step(self, name, config, inputs):
        """A new layer called on earlier values; its result is the next value."""
        # Layers that move elements along the axis of time drop masks here; Keras hands on the mask of the old places.
        if MOVES.match(name) and any(getattr(self.values[i], "_keras_mask", None) is not None for i in inputs):
            raise ValueError("a mask reaches a layer that moves elements")
        # Behind a merge of values with and without masks there is none, and padding counts: Keras' Bidirectional has zeros there.
        masks = [getattr(self.values[i], "_keras_mask", None) is not None for i in inputs]
        if any(masks) and not all(masks):
            raise ValueError("masks of some of the inputs alone")
        wrapped = config.get("layer")
        # TensorFlow.js' defaults differ from Keras 3's.
        for unit, args in [(name, config), config.get("layer", ("", {}))]:
            if unit in ("lstm", "gru"):
                args["recurrentActivation"] = "sigmoid"
            if unit == "gru":
                args.setdefault("resetAfter", False)
        settings = snake(config)
        if wrapped:
            settings["layer"] = getattr(keras.layers, CLASSES[wrapped[0]])(**snake(wrapped[1]))
        cls = {"bidirectional": "Bidirectional", "timeDistributed": "TimeDistributed"}.get(name) or CLASSES[name]
        layer = getattr(keras.layers, cls)(**settings)
        return self.call(layer, [name, config, inputs])

    def again(self, index):
        """An earlier layer called on another value of the same shape."""
        name, _, inputs = self.steps[index][:3]
        shape = self.values[inputs[0]].shape
        others = [i for i, v in enumerate(self.values) if v.shape == shape and i not in inputs]
        # Moving statistics would depend on the order of the calls, which Keras takes by depth.
        # An embedding's indices come from its input alone.
        if len(inputs) > 1 or not others or name in ("again", "batchNormalization", "embedding"):
            return False
        self.call(self.layers[index], ["again", index, [self.rng.choice(others)]])
        return True

    def call(self, layer, step):
        inputs = [self.values[i] for i in step[2]]
        if step[0] == "multiHeadAttention":
            result = layer(*inputs)
        else:
            result = layer(inputs if len(inputs) > 1 else inputs[0])
        self.layers[len(self.steps)] = layer
        self.steps.append(step)
        self.values.append(result)
        return len(self.values) - 1

    def grow(self):
        """One more step on one of the latest values."""
        rng = self.rng
        at = rng.choice(range(max(0, len(self.values) - 3), len(self.values)))
        shape = [int(d) for d in self.values[at].shape[1:]]
        kin = [i for i, v in enumerate(self.values) if v.shape == self.values[at].shape]
        roll = rng.random()
        if roll < 0.08 and self.steps and self.again(rng.randrange(len(self.steps))):
            return
        if roll < 0.25 and len(kin) > 1:
            pair = rng.sample(kin, 2)
            name = rng.choice(["add", "subtract", "multiply", "average", "maximum", "minimum", "concatenate"])
            self.step(name, {"axis": rng.choice([-1, 1])} if name == "concatenate" else {}, pair)
            return
        masked = getattr(self.values[at], "_keras_mask", None) is not None
        if masked and rng.random() < 0.5:
            self.step("dense", {"units": rng.randint(1, 4)}, [at])
            return
        self.step(*rng.choice([self.vector, self.sequence, self.image][len(shape) - 1])(self, shape), [at])

    @staticmethod
    def activation(rng):
        return rng.choice(["relu", "tanh", "sigmoid", "elu", "softplus", "softsign", "linear", "selu", "gelu", "relu6"])

    any = [
        lambda b, s: ("activation", {"activation": b.activation(b.rng)}),
        lambda b, s: ("leakyReLU", {}),
        lambda b, s: ("prelu", {}),
        lambda b, s: ("batchNormalization", {"momentum": 0.9}),
        lambda b, s: ("layerNormalization", {}),
        lambda b, s: ("rescaling", {"scale": 0.5, "offset": 0.25}),
        lambda b, s: ("softmax", {}),
    ]
    vector = [
        *[lambda b, s: ("dense", {"units": b.rng.randint(1, 6), "activation": b.activation(b.rng)})] * 5,
        lambda b, s: ("dense", {"units": 12, "useBias": False}),
        lambda b, s: ("repeatVector", {"n": b.rng.randint(1, 4)}),
        lambda b, s: ("reshape", {"targetShape": [s[0], 1] if s[0] % 2 else [s[0] // 2, 2]}),
        lambda b, s: ("reshape", {"targetShape": [2, s[0] // 4, 2] if s[0] % 4 == 0 else [1, s[0], 1]}),
        *any,
    ]

    @staticmethod
    def recurrent(b, may_reverse=True):
        name = b.rng.choice(["lstm", "gru", "simpleRNN"])
        config = {"units": b.rng.randint(1, 4), "returnSequences": b.rng.random() < 0.6}
        if name == "gru":
            config["resetAfter"] = b.rng.random() < 0.5
        if may_reverse and b.rng.random() < 0.2:
            config["goBackwards"] = True
        return name, config

    sequence = [
        *[lambda b, s: b.recurrent(b)] * 3,
        lambda b, s: ("bidirectional", {"layer": b.recurrent(b, False), "mergeMode": b.rng.choice(["concat", "sum", "mul", "ave"])}),
        lambda b, s: ("timeDistributed", {"layer": ["dense", {"units": b.rng.randint(1, 4), "activation": "tanh"}]}),
        lambda b, s: ("conv1d", {"filters": b.rng.randint(1, 4), "kernelSize": b.rng.randint(1, min(3, s[0])), "padding": b.rng.choice(["same", "valid", "causal"]), "activation": b.activation(b.rng)}),
        lambda b, s: ("conv1d", {"filters": 3, "kernelSize": min(2, s[0]), "strides": 2, "padding": "same"}),
        lambda b, s: ("separableConv1d", {"filters": 2, "kernelSize": min(2, s[0])}),
        lambda b, s: ("conv1dTranspose", {"filters": 2, "kernelSize": 3, "strides": b.rng.randint(1, 2), "padding": b.rng.choice(["same", "valid"])}),
        lambda b, s: (b.rng.choice(["maxPooling1d", "averagePooling1d"]), {"poolSize": min(2, s[0]), "strides": b.rng.randint(1, 2), "padding": b.rng.choice(["same", "valid"])}),
        lambda b, s: (b.rng.choice(["globalMaxPooling1d", "globalAveragePooling1d", "flatten"]), {}),
        lambda b, s: ("permute", {"dims": [2, 1]}),
        lambda b, s: ("zeroPadding1d", {"padding": b.rng.randint(1, 2)}),
        lambda b, s: ("upSampling1d", {"size": 2}) if s[0] < 8 else ("cropping1d", {"cropping": [1, 2]}),
        lambda b, s: ("dense", {"units": b.rng.randint(1, 5), "activation": b.activation(b.rng)}),
        lambda b, s: ("unitNormalization", {}),
        *any,
    ]
    image = [
        *[
            lambda b, s: (
                "conv2d",
                {
                    "filters": b.rng.randint(1, 4),
                    "kernelSize": [b.rng.randint(1, min(3, s[0])), b.rng.randint(1, min(3, s[1]))],
                    "padding": b.rng.choice(["same", "valid"]),
                    "activation": b.activation(b.rng),
                },
            )
        ]
        * 3,
        lambda b, s: ("conv2d", {"filters": 3, "kernelSize": 3, "strides": 2, "padding": "same"}),
        lambda b, s: ("conv2d", {"filters": 2, "kernelSize": 2, "dilationRate": 2, "padding": "same"}),
        lambda b, s: ("depthwiseConv2d", {"kernelSize": min(2, s[0], s[1]), "depthMultiplier": b.rng.randint(1, 2), "padding": b.rng.choice(["same", "valid"])}),
        lambda b, s: ("separableConv2d", {"filters": 3, "kernelSize": 3, "padding": "same", "activation": "relu"}),
        lambda b, s: ("conv2dTranspose", {"filters": 2, "kernelSize": b.rng.randint(2, 3), "strides": b.rng.randint(1, 2), "padding": b.rng.choice(["same", "valid"])}),
        lambda b, s: (b.rng.choice(["maxPooling2d", "averagePooling2d"]), {"poolSize": [min(2, s[0]), min(2, s[1])], "padding": b.rng.choice(["same", "valid"])}),
        lambda b, s: (b.rng.choice(["globalMaxPooling2d", "globalAveragePooling2d", "flatten"]), {}),
        lambda b, s: ("permute", {"dims": b.rng.choice([[2, 1, 3], [3, 1, 2], [1, 3, 2]])}),
        lambda b, s: ("reshape", {"targetShape": [s[0], s[1] * s[2]]}),
        lambda b, s: ("zeroPadding2d", {"padding": [[b.rng.randint(0, 1), 1], [1, 0]]}),
        lambda b, s: ("upSampling2d", {"size": [2, 1], "interpolation": b.rng.choice(["nearest", "bilinear"])}),
        lambda b, s: ("groupNormalization", {"groups": 1 if s[2] % 2 else 2}),
        lambda b, s: ("dense", {"units": b.rng.randint(1, 4)}),
        *any,
    ]


def start(builder, rng):
    """Inputs of random kinds: vectors, sequences, images, words, masked sequences."""
    inputs = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        kind = rng.choice(["vector", "sequence", "image", "words", "masked"])
        shape = {
            "vector": [rng.randint(1, 8)],
            "sequence": [rng.randint(2, 6), rng.randint(1, 4)],
            "image": [rng.randint(2, 7), rng.randint(2, 7), rng.randint(1, 3)],
            "words": [rng.randint(2, 6)],
            "masked": [rng.randint(3, 6), rng.randint(1, 3)],
        }[kind]
        inputs.append([kind, shape])
        builder.values.append(keras.Input(shape))
    for i, (kind, shape) in enumerate(inputs):
        if kind == "words":
            mask = rng.random() < 0.5
            at = builder.step("embedding", {"inputDim": 7, "outputDim": rng.randint(1, 4), "maskZero": mask}, [i])
        if kind == "masked":
            at = builder.step("masking", {"maskValue": 0}, [i])
            mask = True
        if kind in ("words", "masked"):
            # What knows masks comes first; softmax would take a mask of time for one of its own elements.
            name = rng.choice(["lstm", "gru", "simpleRNN", "bidirectional"])
            if name == "bidirectional":
                config = {"layer": ["lstm", {"units": 2, "returnSequences": rng.random() < 0.5}]}
            else:
                config = {"units": rng.randint(1, 4), "returnSequences": rng.random() < 0.5}
            at = builder.step(name, config, [at])
            # Of queries that see nothing each backend of Keras makes something else.
            if rng.random() < 0.4 and builder.rank(at) == 2 and not mask:
                builder.step(*rng.choice([
                    ("multiHeadAttention", {"numHeads": rng.randint(1, 2), "keyDim": rng.randint(1, 3)}, [at, at]),
                    ("attention", {"useScale": True}, [at, at]),
                    ("additiveAttention", {}, [at, at]),
                ]))
    return inputs


def data(kind, shape, seed):
    x = values([BATCH, *shape], seed)
    if kind == "words":
        return np.floor((x + 1) * 3.5)
    if kind == "masked":
        x[0, -1] = 0
        x[1, 1:] = 0
    return x


def lengths(builder, sources, xs):
    """The shortest vector that each unitNormalization makes longer: what is left of a difference may be rounding alone."""
    values = [builder.values[inputs[0]] for name, _, inputs in builder.steps if name == "unitNormalization"]
    if not values:
        return []
    results = keras.Model(sources, values)(xs, training=False)
    arrays = [keras.ops.convert_to_numpy(y) for y in (results if len(values) > 1 else [results] if not isinstance(results, list) else results)]
    return [np.sqrt((y**2).sum(-1)).min() for y in arrays]


def model_of(seed):
    rng = random.Random(seed)
    builder = Builder(rng)
    inputs = start(builder, rng)
    sources = list(builder.values[: len(inputs)])
    for _ in range(rng.randint(2, 9)):
        builder.grow()
        if np.prod(builder.values[-1].shape[1:]) > 200:
            return None
    used = {i for step in builder.steps for i in step[2]}
    ends = [i for i in range(len(builder.values)) if i not in used]
    if any(i < len(inputs) for i in ends) or any(0 in builder.values[i].shape[1:] for i in range(len(builder.values))):
        return None
    # A step of gradient descent through three outputs at most.
    outputs = ends[-3:]
    model = keras.Model(sources, [builder.values[i] for i in outputs])
    seed = 100
    for k, layer in builder.layers.items():
        if builder.steps[k][0] == "again" or not layer.weights:
            continue
        new = []
        for w in layer.weights:
            low, high = (0.5, 1.5) if re.search("gamma|variance", w.name) else (-0.6, 0.6)
            new.append(values(w.shape, seed, low, high))
            seed += 1
        layer.set_weights(new)
    if len(model.inputs) != len(inputs) or not model.trainable_weights:
        return None
    xs = [data(kind, shape, i) for i, (kind, shape) in enumerate(inputs)]
    predict = lambda: [keras.ops.convert_to_numpy(y) for y in (model(xs, training=False) if len(outputs) > 1 else [model(xs, training=False)])]
    before = predict()
    if any(norm < 1e-3 for norm in lengths(builder, sources, xs)):
        return None
    ys = [values(y.shape, 50 + i) for i, y in enumerate(before)]
    model.compile(optimizer=keras.optimizers.SGD(RATE), loss=["mse"] * len(outputs))
    losses = [float(np.ravel(model.train_on_batch(xs, ys))[0]) for _ in range(2)]
    after = predict()
    numbers = [y.ravel()[:2] for y in before] + [losses] + [y.ravel()[:2] for y in after]
    flat = [float(f"{v:.7g}") for part in numbers for v in part]
    if not np.all(np.isfinite(flat)) or max(map(abs, flat)) > 50:
        return None
    return {"inputs": inputs, "steps": builder.steps, "outputs": outputs, "numbers": flat}


def main():
    rows, seed, refused = [], 0, 0
    while len(rows) < MODELS:
        keras.utils.clear_session()
        try:
            row = model_of(seed)
        except Exception as error:
            refused += 1
            if refused < 5:
                print(seed, type(error).__name__, str(error)[:200])
            row = None
        if row:
            rows.append(json.dumps(row, separators=(",", ":")))
        seed += 1
        if seed % 100 == 0:
            print(seed, len(rows), "models,", refused, "refused by Keras", flush=True)
    with open(os.path.join(os.path.dirname(__file__), "models.json"), "w") as file:
        file.write("[\n" + ",\n".join(rows) + "\n]\n")


main()
