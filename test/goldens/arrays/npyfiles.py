"""Small .npy and .npz files as numpy writes them, for test/io/npy.test.ts.

    pip install numpy==2.4.6 && python npyfiles.py > npyfiles.json
"""

import base64
import io
import json

import numpy as np


def text(data):
    return base64.b64encode(data).decode()


def npy(array, version=None, allow_pickle=False):
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=allow_pickle)
    return text(file.getvalue())


def npz(save, **arrays):
    file = io.BytesIO()
    save(file, **arrays)
    return text(file.getvalue())


def row(name, array, version=None):
    values = array.astype(np.float64).ravel().tolist()
    shown = [str(v) if not np.isfinite(v) else v for v in values]
    return {"name": name, "file": npy(array, version), "shape": list(array.shape), "values": shown}


floats = [0.0, -1.5, 3.25, 65504.0, float("inf"), 1e-7]
rows = []
for order, word in (("<", "little"), (">", "big")):
    for size in (2, 4, 8):
        rows.append(row(f"{order}f{size}", np.array(floats).reshape(2, 3).astype(f"{order}f{size}")))
    for kind in "iu":
        for size in (1, 2, 4, 8):
            least = 0 if kind == "u" else -(2 ** min(8 * size - 1, 31))
            most = min(2 ** (8 * size - (kind == "i")) - 1, 2**31 - 1)
            rows.append(row(f"{order}{kind}{size}", np.array([least, 1, 7, most]).astype(f"{order}{kind}{size}")))
rows.append(row("bool", np.array([[True, False, True]])))
three = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
rows.append(row("Fortran", np.asfortranarray(three)))
rows.append(row("Fortran, big", np.asfortranarray(three.astype(">i2"))))
rows.append(row("version 2", three[0], (2, 0)))
rows.append(row("version 3", three[1], (3, 0)))
rows.append(row("scalar", np.array(2.5, np.float32)))
rows.append(row("empty", np.zeros((0, 3), np.float32)))

refused = {
    "<U3": npy(np.array(["abc"])),
    "|S2": npy(np.array([b"ab"])),
    "<c8": npy(np.array([1 + 2j], np.complex64)),
    "<M8[D]": npy(np.array(["2026-01-01"], "M8[D]")),
    "|O": npy(np.array([{"a": 1}], object), allow_pickle=True),
    "[('a', '<f4')]": npy(np.array([(1.0,)], [("a", "<f4")])),
    "<f16": npy(np.array([1], np.longdouble)),
}
for name, array in (("u4", np.array([2**31], np.uint32)), ("i8", np.array([2**40])), ("u8", np.array([2**63], np.uint64))):
    refused[name] = npy(array)

x = np.arange(6, dtype=np.float32).reshape(2, 3)
archives = {
    "savez": npz(np.savez, x=x, y=np.array([True, False])),
    "savez_compressed": npz(np.savez_compressed, x=x, y=np.array([True, False]), zeros=np.zeros((40, 40), np.float32)),
}
# What numpy itself makes of values that are written here.
written = {
    "float32": npy(x),
    "float16": npy(x.astype(np.float16)),
    "float64": npy(x.astype(np.float64)),
    "int64": npy(x.astype(np.int64)),
    "uint8": npy(x.astype(np.uint8)),
    "bool": npy(x > 2),
}
print(json.dumps({"rows": rows, "refused": refused, "archives": archives, "written": written}, indent=1))
