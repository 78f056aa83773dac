"""Small HDF5 files as h5py writes them, for test/io/keras/hdf5.test.ts; writes keras/*.h5.gz beside itself.

Run: pip install h5py, then python test/goldens/hdf5_files.py
"""

import gzip
import io
import os

import h5py
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "keras")
TYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">f2", ">f4", ">f8", ">i4", ">u2", "?"]


def write(name, fill, **settings):
    memory = io.BytesIO()
    with h5py.File(memory, "w", **settings) as file:
        fill(file)
    with open(os.path.join(FOLDER, f"{name}.h5.gz"), "wb") as file:
        file.write(gzip.compress(memory.getvalue(), 9, mtime=0))


def everything(file):
    file.attrs.update({"text": "hällo", "bytes": np.array(b"padded", "S10"), "whole": 5, "real": 1.5, "long": "x" * 70000, "flag": True})
    file.attrs["fixed"] = np.array([b"a", b"bcd", b"ef"])
    file.attrs["names"] = np.array(["a", "bcd", ""], dtype=h5py.string_dtype())
    file.attrs["list"] = np.arange(5)
    file.attrs["nothing"] = h5py.Empty("f")
    for kind in TYPES:
        file[f"types/{kind}"] = (np.arange(12).reshape(3, 4) % 7).astype(kind)
    file["scalar"] = np.float32(3.5)
    file["none"] = np.zeros((0, 3), "f4")
    file["texts"] = np.array([b"a", b"b"])
    for i in range(100):
        file[f"many/{i}"] = np.array([i], "i4")
    grid = np.arange(7000, dtype="f4").reshape(100, 70)
    file.create_dataset("gzip", data=grid, chunks=(30, 33), compression="gzip", shuffle=True, fletcher32=True)
    file.create_dataset("cube", data=np.arange(24.0).reshape(2, 3, 4), chunks=(1, 2, 3), compression="gzip")
    file.create_dataset("pieces", data=np.arange(1000, dtype="i4"), chunks=(7,))
    file.create_dataset("lzf", data=np.zeros(1000, "i4"), compression="lzf")
    file.create_dataset("unwritten", (3,), "f4")


os.makedirs(FOLDER, exist_ok=True)
write("everything", everything)
write("behind", lambda file: file.create_dataset("x", data=np.arange(3.0)), userblock_size=1024)
write("latest", lambda file: (file.create_dataset("g/x", data=np.arange(3.0)), file.attrs.update({"a": "b"})), libver="latest")
