"""Loads the files of keras-writes.mjs with Keras 3 and compares what they predict.

pip install keras jax, then python scripts/evidence/keras_reads.py FOLDER
"""

import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

folder = sys.argv[1]
with open(os.path.join(folder, "rows.json")) as file:
    rows = json.load(file)
wrong = 0
for row in rows:
    try:
        model = keras.models.load_model(os.path.join(folder, row["file"]))
        xs = [np.array(x["values"], "float32").reshape(x["shape"]) for x in row["xs"]]
        ys = model(xs if len(xs) > 1 else xs[0], training=False)
        ys = ys if isinstance(ys, (list, tuple)) else [ys]
        arrays = [keras.ops.convert_to_numpy(y).astype("float64").ravel() for y in ys]
        off = max(float(np.abs(a - np.array(y["values"])).max(initial=0)) for a, y in zip(arrays, row["ys"]))
        fault = None if off < 1e-5 else f"off by {off}"
    except Exception as error:
        fault = f"{type(error).__name__}: {str(error).strip()[-200:]}"
    if fault:
        wrong += 1
        print(row["name"][:120], fault)
print(len(rows), "files,", wrong, "wrong")
