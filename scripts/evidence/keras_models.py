"""Loads the files of keras-models.mjs with Keras 3, trains on, and prints how far all is from what it should be.

pip install keras torch, then python scripts/evidence/keras_models.py FOLDER > scripts/evidence/keras-models.md
"""

import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np


@keras.saving.register_keras_serializable("vae")
class Sampling(keras.layers.Layer):
    """As that of test/goldens/keras_files.py."""

    def __init__(self, share_of_deviation=0.1, latent_cost=0.01, **kwargs):
        super().__init__(**kwargs)
        self.share_of_deviation = share_of_deviation
        self.latent_cost = latent_cost

    def build(self, input_shape):
        self.offset = self.add_weight(name="offset", shape=(input_shape[0][-1],), initializer="ones")

    def call(self, inputs):
        mean, log_variance = inputs
        cost = keras.ops.mean(mean**2 + keras.ops.exp(log_variance) - log_variance)
        self.add_loss(self.latent_cost * cost)
        return mean + self.share_of_deviation * self.offset * keras.ops.exp(0.5 * log_variance)

    def get_config(self):
        own = {"share_of_deviation": self.share_of_deviation, "latent_cost": self.latent_cost}
        return {**super().get_config(), **own}


def arrays(rows):
    made = [np.array(r["values"], r["dtype"]).reshape(r["shape"]) for r in rows]
    return made if len(made) > 1 else made[0]


def lists(outputs):
    if isinstance(outputs, dict):
        outputs = [outputs[k] for k in sorted(outputs)]
    return [np.ravel(y).astype("float64") for y in (outputs if isinstance(outputs, list) else [outputs])]


def named(model, ys):
    """Targets by the names of outputs, where the model has them in a dictionary."""
    struct = getattr(model, "_outputs_struct", None)
    return dict(zip(sorted(struct), ys)) if isinstance(struct, dict) else ys


def farthest(found, expected):
    return max(float(np.abs(a - np.array(b)).max(initial=0)) for a, b in zip(found, expected, strict=True))


def course(path, row):
    """Differences of what the model predicts, of the losses of its next steps, and of what it predicts then."""
    continues = path.endswith(".keras")
    model = keras.models.load_model(path, compile=continues)
    xs, ys = arrays(row["inputs"]), named(model, arrays(row["targets"]))
    before = farthest(lists(model.predict(xs, verbose=0)), row["before"])
    if not continues:
        return [before]
    losses = [float(np.ravel(model.train_on_batch(xs, ys))[0]) for _ in row["losses"]]
    after = farthest(lists(model.predict(xs, verbose=0)), row["after"])
    return [before, farthest([np.array(losses)], [row["losses"]]), after]


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "rows.json")) as file:
        rows = json.load(file)
    print("# Models of files written here, in Keras\n")
    print("Largest differences. Models of Keras were read and written again here, and are compared with what Keras computes")
    print("without that; those of samegrad were built and trained here, and are compared with what they compute here. Both have")
    print("been trained for two steps before they are written, and for two more after they were loaded; not so those of .h5,")
    print("as Keras 3 makes their optimizers without variables, those of its own files too.\n")
    print(f"Keras {keras.__version__} with {keras.backend.backend()}; written by `keras_models.py`.\n")
    print("| from | model | file | predictions | losses of the next steps | predictions after them |")
    print("|---|---|---|---|---|---|")
    wrong = []
    for row in rows:
        keras.utils.clear_session()
        kind = row["file"].split(".")[-1]
        try:
            off = course(os.path.join(folder, row["file"]), row)
            cells = [f"{d:.1e}" for d in off] + ["–"] * (3 - len(off))
            print(f"| {row['from']} | {row['name']} | .{kind} | " + " | ".join(cells) + " |")
            if off[0] > 1e-5 or max(off) > 1e-4:
                wrong.append(row["file"])
        except Exception as error:
            wrong.append(row["file"])
            print(f"{row['file']}: {type(error).__name__}: {str(error).strip()[-600:]}", file=sys.stderr)
    print(f"\n{len(rows)} files, {len(wrong)} beyond 1e-5 (predictions) or 1e-4 (after training){': ' if wrong else ''}{', '.join(wrong)}")


main()
