"""Arguments of the metrics and losses of Keras 3, and their defaults, for test/io/keras/compile.test.ts.

Run: pip install keras torch, then python test/goldens/keras_arguments.py
"""

import inspect
import json
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")


def arguments(cls):
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    return {p.name: "required" if p.default is p.empty else p.default for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD}


def classes(module, base):
    found = [getattr(module, name) for name in dir(module)]
    return {c.__name__: arguments(c) for c in found if inspect.isclass(c) and issubclass(c, base) and c is not base}


def main():
    tables = {
        "metrics": classes(keras.metrics, keras.metrics.Metric),
        "losses": classes(keras.losses, keras.losses.Loss),
    }
    with open(os.path.join(FOLDER, "arguments.json"), "w") as file:
        json.dump(tables, file, indent=1)
        file.write("\n")


main()
