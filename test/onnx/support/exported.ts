/** The operators that exports contain: of every layer, of every op, and of quantized layers. */
import * as sg from '../../../src/index';
import { int8Rules } from '../../../src/onnx/export/rules/int8';
import { toONNX } from '../../../src/onnx/index';
import type { GraphProto } from '../../../src/onnx/proto/schema';
import { apply } from '../../support/ops';
import { toTensor } from '../../support/run';
import { casesByOp } from '../../tables/kernels';
import { layerTable } from '../../tables/layers/table';
import { see } from '../graphs';

/** More rows of an op add no operators. */
const ROWS = 12;

function* operatorsIn(graph: GraphProto): Generator<string> {
  for (const { opType, attribute } of graph.node ?? []) {
    yield opType as string;
    for (const { g } of attribute ?? []) if (g) yield* operatorsIn(g);
  }
}

function* layerModels(): Generator<sg.Functional> {
  for (const c of layerTable) {
    if (c.args?.training) continue;
    const inputs = c.inputs.map((shape) => sg.input({ shape }));
    const make = (sg.layers as unknown as Record<string, (config: object) => sg.Layer>)[c.layer];
    const outputs = make?.({ ...c.config }).apply(inputs.length === 1 ? (inputs[0] as sg.SymbolicTensor) : inputs, {
      ...c.args,
    });
    yield sg.model({ inputs, outputs: outputs as sg.SymbolicTensor });
  }
}

/** Ops that have no form in ONNX are left out. */
async function opsAsFiles(): Promise<Uint8Array[]> {
  const files: Uint8Array[] = [];
  // The words of quantized weights are stored, never passed.
  for (const [op, rows] of casesByOp)
    for (const c of op in int8Rules ? [] : rows.slice(0, ROWS)) {
      const inputs = c.inputs().map(toTensor);
      const fn = (...xs: sg.Tensor[]): sg.Tensor => apply(c.op, xs, c.attrs as never);
      const file = await toONNX(fn, { inputs }).catch((error: unknown) => {
        if (error instanceof sg.SamegradError) return undefined;
        throw error;
      });
      if (file) files.push(file);
      sg.dispose(inputs);
    }
  return files;
}

/** Names of operators of ai.onnx. */
export async function exportedOperators(): Promise<ReadonlySet<string>> {
  const files = await opsAsFiles();
  for (const model of layerModels()) {
    files.push(await toONNX(model));
    model.dispose();
  }
  const dense = sg.sequential({ layers: [sg.layers.dense({ units: 20, inputShape: [16] })] });
  files.push(await toONNX(sg.quantize(dense)));
  dense.dispose();
  return new Set(files.flatMap((file) => [...operatorsIn(see(file).graph)]));
}
