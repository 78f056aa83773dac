"""Writes optimizers.json: weights after steps of Keras 3 (or of PyTorch, if that is there instead), given gradients.

pip install keras jax numpy; KERAS_BACKEND=jax python test/goldens/optimizers.py
pip install torch numpy; python test/goldens/optimizers.py
Each run replaces the rows of its own library.
"""
import json
import os
import re

import numpy as np

STEPS = 6
SHAPES = [(3, 2), (4,)]
rng = np.random.default_rng(7)
start = [rng.uniform(-1, 1, s).astype("float32") for s in SHAPES]
grads = [[(rng.uniform(-1, 1, s) * 2.0 ** rng.integers(-3, 3)).astype("float32") for s in SHAPES] for _ in range(STEPS)]


def camel(name):
    name = {"clipnorm": "clip_norm", "clipvalue": "clip_value", "global_clipnorm": "global_clip_norm"}.get(name, name)
    return re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), name)


def rounded(arrays):
    return [[float(f"{v:.8g}") for v in np.ravel(np.array(a))] for a in arrays]


def keras_rows():
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    def row(factory, cls, **config):
        optimizer = getattr(keras.optimizers, cls)(**config)
        weights = [keras.Variable(w, name=n) for w, n in zip(start, "ab")]
        path = []
        for g in grads:
            optimizer.apply(g, weights)
            path.append(rounded(weights))
        return {"factory": factory, "config": {camel(k): v for k, v in config.items()}, "path": path}

    lr = {"learning_rate": 0.05}
    # Keras adds epsilon before the bias of the second moment is corrected, the paper (and TensorFlow.js) after.
    tiny = {"epsilon": 1e-10}
    return [
        row("sgd", "SGD", **lr),
        row("sgd", "SGD", **lr, momentum=0.9),
        row("sgd", "SGD", **lr, momentum=0.9, nesterov=True),
        row("adagrad", "Adagrad", **lr),
        row("rmsprop", "RMSprop", **lr),
        row("rmsprop", "RMSprop", **lr, rho=0.8, epsilon=1e-3),
        row("adadelta", "Adadelta", learning_rate=1.0, rho=0.9),
        row("adam", "Adam", **lr, **tiny),
        row("adam", "Adam", **lr, **tiny, amsgrad=True),
        row("adamW", "AdamW", **lr, **tiny, weight_decay=0.1),
        row("adamax", "Adamax", **lr),
        row("nadam", "Nadam", **lr),
        row("lion", "Lion", **lr),
        row("lion", "Lion", **lr, beta_1=0.7, beta_2=0.8, weight_decay=0.1),
        row("ftrl", "Ftrl", **lr),
        row("ftrl", "Ftrl", **lr, l1_regularization_strength=0.1, l2_regularization_strength=0.2, beta=0.3,
            l2_shrinkage_regularization_strength=0.1, learning_rate_power=-0.7),
        row("lamb", "Lamb", **lr),
        row("lamb", "Lamb", **lr, weight_decay=0.1),
        row("adafactor", "Adafactor", **lr),
        row("muon", "Muon", **lr),
        row("muon", "Muon", **lr, nesterov=False, momentum=0.8, ns_steps=3, adam_lr_ratio=0.5),
        row("adam", "Adam", **lr, **tiny, clipnorm=0.3),
        row("adam", "Adam", **lr, **tiny, clipvalue=0.2),
        row("sgd", "SGD", **lr, global_clipnorm=0.5),
        row("sgd", "SGD", **lr, momentum=0.5, gradient_accumulation_steps=2, clipnorm=1.0, weight_decay=0.2),
        row("sgd", "SGD", **lr, use_ema=True, ema_momentum=0.7, ema_overwrite_frequency=2),
    ]


def torch_rows():
    import torch

    def row(factory, cls, config, **own):
        weights = [torch.nn.Parameter(torch.tensor(w)) for w in start]
        optimizer = getattr(torch.optim, cls)(weights, lr=0.05, **own)
        path = []
        for g in grads:
            for w, gi in zip(weights, g):
                w.grad = torch.tensor(gi)
            optimizer.step()
            path.append(rounded(w.detach() for w in weights))
        return {"factory": factory, "config": {"learningRate": 0.05, **config}, "path": path}

    eps = {"epsilon": 1e-8}
    beside = {"epsilonInRoot": False}
    return [
        row("momentum", "SGD", {"momentum": 0.9}, momentum=0.9),
        row("momentum", "SGD", {"momentum": 0.9, "useNesterov": True}, momentum=0.9, nesterov=True),
        row("adagrad", "Adagrad", {"initialAccumulatorValue": 0, "epsilon": 1e-2, **beside}, eps=1e-2),
        row("rmsprop", "RMSprop", {"decay": 0.9, "epsilon": 1e-2, **beside}, alpha=0.9, eps=1e-2),
        row("rmsprop", "RMSprop", {"decay": 0.9, "epsilon": 1e-2, "centered": True, **beside}, alpha=0.9, eps=1e-2,
            centered=True),
        row("adadelta", "Adadelta", {"rho": 0.9, "epsilon": 1e-6}),
        row("adam", "Adam", eps),
        row("amsgrad", "Adam", eps, amsgrad=True),
        row("adamW", "AdamW", {"weightDecay": 0.1, **eps}, weight_decay=0.1),
        row("adamax", "Adamax", eps),
        row("radam", "RAdam", eps),
        row("radam", "RAdam", {"beta2": 0.7, **eps}, betas=(0.9, 0.7)),
    ]


def one_cycle():
    import torch

    rows = []
    for own, config in [({}, {}), ({"pct_start": 0.25, "anneal_strategy": "linear", "div_factor": 10.0},
                                  {"pctStart": 0.25, "annealStrategy": "linear", "divFactor": 10})]:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.3, total_steps=40, cycle_momentum=False, **own)
        rates = []
        for _ in range(40):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step() if len(rates) < 40 else None
        rows.append({"config": {"maxLearningRate": 0.3, "totalSteps": 40, **config}, "rates": rates})
    return rows


out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "optimizers.json")
data = json.load(open(out)) if os.path.exists(out) else {}
data |= {"shapes": SHAPES, "start": rounded(start), "gradients": [rounded(g) for g in grads]}
try:
    import torch  # noqa: F401

    data |= {"torch": torch_rows(), "oneCycle": one_cycle()}
except ImportError:
    data |= {"keras": keras_rows()}
with open(out, "w") as f:
    json.dump(data, f, separators=(",", ":"))
    f.write("\n")
