"""Writes schedules.json: learning rates of Keras 3 (float32).

pip install keras jax numpy; KERAS_BACKEND=jax python test/goldens/schedules.py
"""
import json
import os
import re

os.environ.setdefault("KERAS_BACKEND", "jax")
from keras.optimizers import schedules as S

STEPS = [0, 1, 2, 3, 7, 10, 11, 25, 49, 50, 51, 99, 100, 101, 175, 300, 1234]


def camel(name):
    return re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), name)


def case(name, **config):
    made = getattr(S, name)(**config)
    rates = [float(f"{float(made(t)):.8g}") for t in STEPS]
    return {"name": name[0].lower() + name[1:], "config": {camel(k): v for k, v in config.items()}, "rates": rates}


lr = {"initial_learning_rate": 0.1}
rows = [
    case("ExponentialDecay", **lr, decay_steps=30, decay_rate=0.9),
    case("ExponentialDecay", **lr, decay_steps=30, decay_rate=0.9, staircase=True),
    case("InverseTimeDecay", **lr, decay_steps=10, decay_rate=0.5),
    case("InverseTimeDecay", **lr, decay_steps=10, decay_rate=0.5, staircase=True),
    case("PiecewiseConstantDecay", boundaries=[10, 50, 100], values=[1.0, 0.5, 0.25, 0.125]),
    case("PolynomialDecay", **lr, decay_steps=100),
    case("PolynomialDecay", **lr, decay_steps=50, end_learning_rate=0.01, power=0.5),
    case("PolynomialDecay", **lr, decay_steps=50, end_learning_rate=0.01, power=2.0, cycle=True),
    case("CosineDecay", **lr, decay_steps=100),
    case("CosineDecay", **lr, decay_steps=100, alpha=0.1),
    case("CosineDecay", initial_learning_rate=0.0, decay_steps=90, alpha=0.1, warmup_target=0.2, warmup_steps=10),
    case("CosineDecayRestarts", **lr, first_decay_steps=50),
    case("CosineDecayRestarts", **lr, first_decay_steps=10, t_mul=1.5, m_mul=0.8, alpha=0.05),
    case("CosineDecayRestarts", **lr, first_decay_steps=25, t_mul=1.0, m_mul=0.5),
]
out = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schedules.json")
with open(out, "w") as f:
    json.dump({"steps": STEPS, "rows": rows}, f, separators=(",", ":"))
    f.write("\n")
