"""A small file as the safetensors package writes it, for test/io/safetensors.test.ts.

    pip install safetensors==0.8.0 numpy && python safetensorsfile.py > safetensorsfile.json
"""

import json

import numpy as np
from safetensors.numpy import save

arrays = {
    "kernel": np.array([[1.5, -2.0, 3.25]], np.float32),
    "total": np.array([0.1], np.float64),
    "ids": np.array([[7], [-8]], np.int32),
    "mask": np.array([True, False, True]),
    "empty": np.zeros((0, 3), np.float32),
    "scalar": np.array(4, np.float32),
}
file = save(arrays, metadata={"epoch": "3", "note": "κ"})
print(
    json.dumps(
        {
            "hex": file.hex(),
            "arrays": {k: {"shape": list(v.shape), "data": v.astype(float).ravel().tolist()} for k, v in arrays.items()},
        }
    )
)
