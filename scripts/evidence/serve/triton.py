"""The client's side of triton.mjs: prints a line for each thing that it has tried, and fails with the first that is wrong."""
import json
import sys

import numpy as np
import tritonclient
import tritonclient.http as http
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

address, given = sys.argv[1], json.loads(sys.argv[2])
client = http.InferenceServerClient(address, concurrency=8)
name, expected = given["input"], np.array(given["expected"], np.float32).reshape(2, 3)
x = np.array(given["data"], np.float32).reshape(2, 4)


def passed(what):
    print(f"passes: {what}")


def fed(value, datatype=None, binary=True, name="x"):
    tensor = http.InferInput(name, list(value.shape), datatype or np_to_triton_dtype(value.dtype))
    tensor.set_data_from_numpy(value, binary_data=binary)
    return tensor


print(f"tritonclient {getattr(tritonclient, '__version__', '')}".rstrip())
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("mlp")
assert not client.is_model_ready("other")
passed("is_server_live, is_server_ready, is_model_ready")

assert client.get_server_metadata()["name"] == "samegrad"
metadata = client.get_model_metadata("mlp", "1")
assert metadata["inputs"] == [{"name": name, "datatype": "FP32", "shape": [-1, 4]}], metadata
passed("get_server_metadata, get_model_metadata")

for binary_in in (False, True):
    for binary_out in (False, True):
        wanted = [http.InferRequestedOutput("scores", binary_data=binary_out)]
        result = client.infer("mlp", [fed(x, binary=binary_in, name=name)], outputs=wanted, request_id="7")
        assert result.get_response()["id"] == "7"
        assert result.as_numpy("scores").tobytes() == expected.tobytes()
assert client.infer("mlp", [fed(x, name=name)]).as_numpy("scores").tobytes() == expected.tobytes()
passed("infer with JSON and binary tensors, in and out: the bits of predict")

requests = [client.async_infer("mlp", [fed(x[i % 2 : i % 2 + 1], name=name)]) for i in range(64)]
for i, request in enumerate(requests):
    assert request.get_result().as_numpy("scores").tobytes() == expected[i % 2].tobytes()
passed("async_infer: 64 at once, the bits of rows alone")

numeric = [np.uint8, np.uint16, np.uint32, np.uint64, np.int8, np.int16, np.int32, np.int64, np.float16, np.float32, np.float64]
values = [np.array([0, 1, 100], t) for t in numeric] + [np.array([True, False]), np.array([b"a", "é\n".encode()], np.object_)]
for value in values:
    datatype = np_to_triton_dtype(value.dtype)
    for binary in (True, False):
        if datatype == "FP16" and not binary:
            continue  # The client refuses to write it as JSON.
        back = client.infer(datatype, [fed(value, binary=binary)], outputs=[http.InferRequestedOutput("y", binary_data=binary)])
        got = back.as_numpy("y")
        same = [v.decode() if isinstance(v, bytes) else v for v in got] == [v.decode() for v in value] if datatype == "BYTES" else np.array_equal(got, value)
        assert same, (datatype, binary, got)
passed("all 13 element types")

index = {model["name"]: model["state"] for model in client.get_model_repository_index()}
assert index["later"] == "UNAVAILABLE" and index["mlp"] == "READY"
client.load_model("later")
assert client.is_model_ready("later")
client.unload_model("later")
assert not client.is_model_ready("later")
passed("get_model_repository_index, load_model, unload_model")

wrong = {
    "another shape": lambda: client.infer("mlp", [fed(x[:, :3].copy(), name=name)]),
    "another type": lambda: client.infer("mlp", [fed(x.astype(np.float64), name=name)]),
    "an unknown model": lambda: client.infer("other", [fed(x, name=name)]),
    "an unknown output": lambda: client.infer("mlp", [fed(x, name=name)], outputs=[http.InferRequestedOutput("z")]),
    "an unknown version": lambda: client.get_model_metadata("mlp", "9"),
}
for what, run in wrong.items():
    try:
        run()
    except InferenceServerException as error:
        passed(f"{what}: [{error.status()}] {error.message()}")
    else:
        sys.exit(f"{what} was accepted")
