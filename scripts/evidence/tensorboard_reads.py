"""TensorBoard reads what `sg.callbacks.tensorBoard` writes: trains a small model, then loads the runs and compares.

npm run build; pip install tensorboard; python scripts/evidence/tensorboard_reads.py

With TensorBoard 2.21.0: the dashboards find 7 scalars, 4 histograms and 1 text in the run `train`, 2 scalars in
`validation`; all losses, steps, rates and bucket counts are those of the training.
"""
import json
import os
import subprocess
import tempfile

import numpy as np
from tensorboard import context
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

PROGRAM = """
import * as sg from 'samegrad';
sg.setSeed(1);
const x = sg.randomNormal([200, 8]);
const y = x.matMul(sg.randomNormal([8, 1]));
const model = sg.sequential();
model.add(sg.layers.dense({ units: 16, activation: 'tanh', inputShape: [8], name: 'first' }));
model.add(sg.layers.dense({ units: 1, name: 'second' }));
model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mse'] });
const weights = [];
const { history } = await model.fit(x, y, {
  epochs: 5, validationSplit: 0.25, verbose: 0,
  callbacks: [
    sg.callbacks.tensorBoard(process.argv[1], { histogramFreq: 1, updateFreq: 'batch', writeStepsPerSecond: true }),
    sg.callbacks.lambda({ onEpochEnd: () => { weights.push([...model.weights[0].dataSync()]); } }),
  ],
});
console.log(JSON.stringify({ history, weights, steps: model.optimizer.iterations }));
"""

with tempfile.TemporaryDirectory() as logs:
    run = subprocess.run(["node", "--input-type=module", "-e", PROGRAM, logs], capture_output=True, text=True, check=True)
    wrote = json.loads(run.stdout)
    # What the dashboards ask for.
    provider = MultiplexerDataProvider(EventMultiplexer().AddRunsFromDirectory(logs).Reload(), logs)
    for plugin, ask in (("scalars", provider.list_scalars), ("histograms", provider.list_tensors), ("text", provider.list_tensors)):
        found = ask(context.RequestContext(), experiment_id="", plugin_name=plugin)
        print(f"dashboard {plugin}:", {run: len(tags) for run, tags in sorted(found.items())})
    for name, prefix in (("train", ""), ("validation", "val_")):
        events = EventAccumulator(os.path.join(logs, name), size_guidance={"histograms": 0, "tensors": 0}).Reload()
        tags = events.Tags()
        print(f"{name}: scalars {tags['scalars']}, histograms {tags['histograms']}, tensors {tags['tensors']}")
        for key in ("loss", "mse"):
            read = [(e.step, e.value) for e in events.Scalars(f"epoch_{key}")]
            expected = [(i, float(np.float32(v))) for i, v in enumerate(wrote["history"][prefix + key])]
            assert read == expected, (read, expected)
        if name == "validation":
            continue
        assert [e.step for e in events.Scalars("batch_loss")] == list(range(1, wrote["steps"] + 1))
        assert all(e.value == np.float32(0.001) for e in events.Scalars("epoch_learningRate"))
        for epoch, event in enumerate(events.Histograms("first/kernel/histogram")):
            h, w = event.histogram_value, np.array(wrote["weights"][epoch])
            counts, _ = np.histogram(w, [-np.inf, *h.bucket_limit])
            assert (h.num, h.min, h.max) == (w.size, w.min(), w.max()) and list(counts) == list(h.bucket)
        print(events.Tensors("model")[0].tensor_proto.string_val[0].decode().splitlines()[0].strip())
    print("all values are those of the training")
