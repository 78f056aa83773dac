"""ONNX' own backend cases in one file: models, inputs, and the outputs that are expected.

    pip install onnx==1.23.2
    python scripts/evidence/onnx/cases.py FILE.bin.gz [--wide]

test/onnx/support/cases.ts reads the file; scripts/evidence/onnx/cases.mjs runs it, selection.mjs takes the selection of
the tests from it, scripts/onnx-operators.mjs measures the guide's table of operators with it.

Cases are left out that have strings, sequences, optionals or maps, other numbers than those of TIERS (of the tier 'wide'
only with --wide), expected values drawn by a random generator, or more than MOST bytes. How many those are is told by suite
and reason.

The file is 'ONNXCASE', the length of the header and 0 as 32 bits each (little endian), the header in JSON padded with
spaces to a multiple of 16, then bytes: each piece at a multiple of 16, equal ones once. Pieces are named in the header by
[offset from the first, length]. Tensors are { name, dtype, shape } with `at`, the place of their elements as raw_data of
ONNX; or with `fill` 'ramp', i / n as float32; or `absent`, an input that is not given.
"""

import argparse
import gzip
import json
import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, numpy_helper
from onnx.backend.test.loader import load_model_tests

DATA = Path(onnx.__file__).parent / "backend/test/data"
MOST = 1 << 18  # bytes of a model and its values
ALIGNED = 16
# A case is of the first tier that has all types of its numbers.
CORE = {"float32", "int32", "int64", "bool"}
QUANT = {*CORE, "int8", "uint8"}
WIDE = {*QUANT, "float16", "bfloat16", "float64", "int16", "uint16", "uint32", "uint64"}
TIERS = {"core": CORE, "quant": QUANT, "wide": WIDE}
DRAWING = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
# Operators on sequences and optionals, even where none is an input or output of the model.
LISTS = ("Sequence", "Optional", "SplitToSequence", "ConcatFromSequence")
# The expected values are what an FFT rounds zeros to, above the tolerance.
NOISE = {"test_dft_inverse", "test_dft_inverse_opset19"}


class LeftOut(Exception):
    """Why a case is not in the file."""


@dataclass
class Case:
    suite: str
    name: str
    model: onnx.ModelProto
    # Pairs of inputs and outputs, each a list of (name, value).
    sets: list
    rtol: float = 1e-3
    atol: float = 1e-7


class Ramp:
    """What the light models are fed with: i / n."""

    def __init__(self, shape):
        self.shape = shape


def dtype_of(number):
    name = TensorProto.DataType.Name(number).lower()
    return {"float": "float32", "double": "float64"}.get(name, name)


# Where the cases come from.


def node_cases():
    for one in load_model_tests(kind="node"):
        graph = one.model.graph
        sets = [
            (list(zip([i.name for i in graph.input], inputs)), list(zip([o.name for o in graph.output], outputs)))
            for inputs, outputs in one.data_sets
        ]
        yield Case("node", one.name, one.model, sets, one.rtol, one.atol)


def given_inputs(graph):
    """Inputs without a stored value."""
    stored = {t.name for t in graph.initializer}
    return [i for i in graph.input if i.name not in stored]


def message(kind, file):
    found = kind()
    found.ParseFromString(file.read_bytes())
    return found


def stored_values(folder, kind, ports):
    files = sorted(folder.glob(f"{kind}_*.pb"), key=lambda file: int(file.stem.split("_")[1]))
    for port, file in zip(ports, files):
        if port.type.WhichOneof("value") != "tensor_type":
            raise LeftOut("other values than tensors")
        yield port.name, message(TensorProto, file)


def folder_cases(suite):
    for folder in sorted((DATA / suite).iterdir()):
        if not (folder / "model.onnx").exists():
            continue
        model = onnx.load(folder / "model.onnx")
        known = folder / "data.json"
        bounds = json.loads(known.read_text()) if known.exists() else {}
        graph = model.graph
        try:
            sets = [
                (list(stored_values(data, "input", ports_of(graph, data))), list(stored_values(data, "output", graph.output)))
                for data in sorted(folder.glob("test_data_set*"))
            ]
        except LeftOut as reason:
            sets = reason
        yield Case(suite, folder.name, model, sets, **{k: bounds[k] for k in ("rtol", "atol") if k in bounds})


def ports_of(graph, data):
    """Old models name their weights among the inputs, with values for all or for the others alone."""
    is_whole = len(list(data.glob("input_*.pb"))) == len(graph.input)
    return graph.input if is_whole else given_inputs(graph)


def light_cases():
    folder = DATA / "light"
    for file in sorted(folder.glob("*.onnx")):
        model = onnx.load(file)
        inputs = [
            (i.name, Ramp([d.dim_value or 1 for d in i.type.tensor_type.shape.dim])) for i in given_inputs(model.graph)
        ]
        outputs = [(model.graph.output[0].name, message(TensorProto, folder / f"{file.stem}_output_0.pb"))]
        yield Case("light", f"test_{file.stem}", model, [(inputs, outputs)])


SUITES = {
    "node": node_cases,
    "simple": lambda: folder_cases("simple"),
    "light": light_cases,
    "pytorch-converted": lambda: folder_cases("pytorch-converted"),
    "pytorch-operator": lambda: folder_cases("pytorch-operator"),
}


# What a case is made of.


def all_nodes(nodes):
    for node in nodes:
        yield node
        for a in node.attribute:
            for graph in [a.g] if a.type == AttributeProto.GRAPH else a.graphs:
                yield from all_nodes(graph.node)


def all_graphs(graph):
    yield graph
    for node in all_nodes(graph.node):
        for a in node.attribute:
            yield from [a.g] if a.type == AttributeProto.GRAPH else a.graphs


def stated_types(node):
    """Types of elements that attributes have or name."""
    for a in node.attribute:
        if a.type == AttributeProto.TENSOR:
            yield dtype_of(a.t.data_type)
        elif a.type == AttributeProto.STRINGS and node.op_type == "Constant":
            yield "string"
        elif a.name in ("to", "dtype") and a.type == AttributeProto.INT and a.i in TensorProto.DataType.values():
            yield dtype_of(a.i)


def types_of(model):
    """All types of elements, of inner values too; 'other' stands for what is no tensor."""
    try:
        model = onnx.shape_inference.infer_shapes(model)
    except onnx.shape_inference.InferenceError:
        pass  # what is not inferred is not known
    for graph in all_graphs(model.graph):
        for port in [*graph.input, *graph.output, *graph.value_info]:
            if port.type.WhichOneof("value") not in (None, "tensor_type"):
                yield "other"
            elif port.type.tensor_type.elem_type:
                yield dtype_of(port.type.tensor_type.elem_type)
        yield from (dtype_of(t.data_type) for t in graph.initializer)
    bodies = [model.graph.node, *(f.node for f in model.functions)]
    for node in (node for body in bodies for node in all_nodes(body)):
        yield from stated_types(node)


def tier_of(types, tiers):
    fitting = [tier for tier in tiers if types <= TIERS[tier]]
    if not fitting:
        raise LeftOut("other values than tensors" if types & {"other", "string"} else "other numbers")
    return fitting[0]


def full_name(node):
    return node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}::{node.op_type}"


def is_drawn(name, operators):
    return bool(DRAWING & operators) or (name.startswith("test_training_dropout") and "zero_ratio" not in name)


def without_text(model):
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    bare.doc_string = bare.graph.doc_string = ""
    for node in all_nodes(bare.graph.node):
        node.doc_string = ""
    return bare.SerializeToString()


# The file.


@dataclass
class Pieces:
    parts: list = field(default_factory=list)
    size: int = 0
    places: dict = field(default_factory=dict)

    def put(self, data):
        if data not in self.places:
            padding = bytes(-self.size % ALIGNED)
            self.places[data] = [self.size + len(padding), len(data)]
            self.parts += [padding, data]
            self.size += len(padding) + len(data)
        return self.places[data]


def tensor_of(value):
    """In the form whose elements are raw_data."""
    if isinstance(value, (list, tuple, dict)):
        raise LeftOut("other values than tensors")
    array = numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)
    return numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape))


def described(name, value):
    """What the header has of a value, and its elements."""
    if value is None:
        return {"name": name, "absent": True}, None
    if isinstance(value, Ramp):
        return {"name": name, "dtype": "float32", "shape": value.shape, "fill": "ramp"}, None
    tensor = tensor_of(value)
    return {"name": name, "dtype": dtype_of(tensor.data_type), "shape": list(tensor.dims)}, tensor.raw_data


def packed(case, tiers, pieces):
    """The case as it is in the header. @raises LeftOut before anything is put among the pieces"""
    if isinstance(case.sets, LeftOut):
        raise case.sets
    sets = [{"inputs": [described(*v) for v in i], "outputs": [described(*v) for v in o]} for i, o in case.sets]
    tensors = [t for one in sets for values in one.values() for t, _ in values]
    tier = tier_of({*types_of(case.model), *(t["dtype"] for t in tensors if "dtype" in t)}, tiers)
    operators = {full_name(node) for node in all_nodes(case.model.graph.node)}
    if any(name.startswith(LISTS) for name in operators):
        raise LeftOut("other values than tensors")
    if is_drawn(case.name, operators):
        raise LeftOut("drawn at random")
    model = without_text(case.model)
    elements = {data for one in sets for values in one.values() for _, data in values if data}
    if sum(map(len, {model, *elements})) > MOST:
        raise LeftOut("too large")

    def placed(tensor, elements):
        return tensor if elements is None else {**tensor, "at": pieces.put(elements)}

    opsets = {o.domain: o.version for o in case.model.opset_import}
    return {
        "name": case.name,
        "suite": case.suite,
        "tier": tier,
        "opset": opsets.get("", opsets.get("ai.onnx", 0)),
        "ops": sorted(operators),
        "rtol": case.rtol,
        "atol": case.atol,
        "sets": [{kind: [placed(*v) for v in values] for kind, values in one.items()} for one in sets],
        "model": pieces.put(model),
        **({"noise": True} if case.name in NOISE else {}),
    }


def main(file, tiers):
    pieces, cases, reasons = Pieces(), [], Counter()
    for suite, read in SUITES.items():
        for case in read():
            try:
                cases.append(packed(case, tiers, pieces))
            except LeftOut as reason:
                reasons[suite, str(reason)] += 1
    header = json.dumps({"onnx": onnx.__version__, "cases": cases}, separators=(",", ":")).encode()
    header += b" " * (-len(header) % ALIGNED)
    data = b"".join([b"ONNXCASE", struct.pack("<II", len(header), 0), header, *pieces.parts])
    file.write_bytes(gzip.compress(data, 9, mtime=0) if file.suffix == ".gz" else data)
    print(f"{file}: {len(cases)} cases of onnx {onnx.__version__}")
    for (suite, reason), count in sorted(reasons.items()):
        print(f"  left out of {suite}, {reason}: {count}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Packs ONNX' own backend cases into one file.")
    parser.add_argument("file", type=Path, help="what is written, compressed if it ends in .gz")
    parser.add_argument("--wide", action="store_true", help="cases with 16 and 64 bits too")
    given = parser.parse_args()
    main(given.file, [tier for tier in TIERS if given.wide or tier != "wide"])
