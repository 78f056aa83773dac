"""Checks what scripts/evidence/onnx/exports.mjs has written: python exports.py OUT [TABLE.md]

Each file passes onnx.checker with full_check, and onnxruntime predicts what this library does within 1e-5 of the largest
value or 1. Needs onnx and onnxruntime of PyPI.
"""
import collections
import glob
import json
import os
import re
import sys

import numpy
import onnx
import onnxruntime

DRAWING = {"RandomNormalLike", "RandomUniformLike", "Dropout"}
TYPES = {"float32": numpy.float32, "int32": numpy.int32, "bool": numpy.bool_}
BAR = 1e-5


def array(given):
    values = numpy.array([float(v) for v in given["data"]], dtype=numpy.float64)
    return values.astype(TYPES[given["dtype"]]).reshape(given["shape"])


def distance(got, wanted):
    assert got.shape == wanted.shape and got.dtype == wanted.dtype, f"{got.dtype}{got.shape}, {wanted.dtype}{wanted.shape}"
    a, b = got.astype(numpy.float64), wanted.astype(numpy.float64)
    with numpy.errstate(invalid="ignore"):
        apart = numpy.where((a == b) | (numpy.isnan(a) & numpy.isnan(b)), 0, numpy.abs(a - b))
    scale = max(1, numpy.abs(b[numpy.isfinite(b)]).max(initial=0))
    return float(numpy.nan_to_num(apart / scale, nan=numpy.inf).max(initial=0))


def check(file):
    """The largest distance, and how often each operator is there."""
    onnx.checker.check_model(file, full_check=True)
    with open(file[: -len(".onnx")] + ".json", encoding="utf8") as text:
        known = json.load(text)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    names = [port.name for port in session.get_inputs()]
    results = session.run(None, dict(zip(names, map(array, known["inputs"]))))
    worst = max(distance(got, array(wanted)) for got, wanted in zip(results, known["outputs"], strict=True))
    return worst, collections.Counter(node.op_type for node in onnx.load(file).graph.node)


def shown(own):
    """The largest distance of files that draw no random numbers."""
    known = [worst for worst, counts in own if not DRAWING & counts.keys()]
    return f"{max(known):.1e}" if known else "draws"


def main(folder, table=None):
    onnxruntime.set_default_logger_severity(4)
    rows, failed = [], []
    for file in sorted(glob.glob(os.path.join(folder, "*.onnx"))):
        name = os.path.basename(file)[: -len(".onnx")]
        try:
            worst, counts = check(file)
            # Models that draw random numbers agree in shapes and types alone.
            if worst > BAR and not DRAWING & counts.keys():
                failed.append(f"{name}: {worst:.1e}")
            rows.append((name, worst, counts))
        except Exception as error:  # each file is told of, whatever is wrong
            failed.append(f"{name}: {str(error).splitlines()[0][:200]}")
    for file in sorted(glob.glob(os.path.join(folder, "*.failed"))):
        failed.append(f"{os.path.basename(file)}: not written: {open(file, encoding='utf8').readline().strip()}")
    groups = collections.defaultdict(list)
    for name, worst, counts in rows:
        groups[re.split(r"-\d+(-|$)", name)[0]].append((worst, counts))
    lines = [
        f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}: {len(rows)} files, {len(failed)} failed",
        "",
        "| from | files | largest distance | operators |",
        "|---|---|---|---|",
        *(
            f"| {name} | {len(own)} | {shown(own)} | {', '.join(sorted(set().union(*(c for _, c in own))))} |"
            for name, own in groups.items()
        ),
    ]
    text = "\n".join(lines)
    if table:
        with open(table, "w", encoding="utf8") as out:
            out.write(text + "\n")
    else:
        print(text)
    print("\n".join([lines[0], *failed]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
