"""Executes the code of a notebook in its folder and prints the notebook with its outputs, as JSON.

Needs jupyter_client and a kernel named deno. That kernel may say that it is idle before the last output of a cell has come, so
a cell is done when it is idle and nothing more has come for a while.
"""
import json
import queue
import sys
from pathlib import Path

from jupyter_client.manager import start_new_kernel

QUIET_SECONDS = 0.6
START_SECONDS = 120


def run(client, code):
    """The outputs of a cell, in the form of a notebook's file."""
    request = client.execute(code)
    outputs, is_idle = [], False
    while True:
        try:
            message = client.get_iopub_msg(timeout=QUIET_SECONDS if is_idle else START_SECONDS)
        except queue.Empty:
            if is_idle:
                return outputs
            raise
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status":
            is_idle = is_idle or content["execution_state"] == "idle"
        elif kind == "stream":
            if outputs and outputs[-1].get("name") == content["name"]:
                outputs[-1]["text"] += content["text"]
            else:
                outputs.append({"output_type": kind, "name": content["name"], "text": content["text"]})
        elif kind in ("execute_result", "display_data"):
            number = {"execution_count": content["execution_count"]} if kind == "execute_result" else {}
            outputs.append({"output_type": kind, **number, "data": content["data"], "metadata": {}})
        elif kind == "error":
            raise RuntimeError(f"{content['ename']}: {content['evalue']}\n{code}")


path = Path(sys.argv[1])
notebook = json.loads(path.read_text())
manager, client = start_new_kernel(kernel_name="deno", cwd=str(path.parent), startup_timeout=START_SECONDS)
try:
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, 1):
        cell["execution_count"] = number
        cell["outputs"] = run(client, "".join(cell["source"]))
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
json.dump(notebook, sys.stdout)
