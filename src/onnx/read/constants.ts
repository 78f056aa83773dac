/** Stored tensors as what graphs take: weights as variables, the rest as numbers that are known. */
import type { ConstantSource } from '../../graph/core/constants';
import { HOST_ELEMENTS, type Value } from '../../graph/core/value';
import { emptyVariable } from '../../ops/core/variable';
import { engine } from '../../runtime/engine';
import { withGraph } from '../../tensor/graph';
import type { Variable } from '../../tensor/variable';
import type { Definition } from '../operators/define';
import { dtypeOf, type StoredTensor } from './elements';

/** One place where a constant is an operand. */
export interface Use {
  readonly definition: Definition | undefined;
  readonly operand: number;
}

/** Whether training may change a constant, and whether it is a variable at all. */
function roleOf({ type, size, shape, origin }: StoredTensor, uses: readonly Use[]): 'weight' | 'statistic' | 'number' {
  if (type === 'string') return 'number';
  if (dtypeOf(type) !== 'float32') return size > HOST_ELEMENTS ? 'statistic' : 'number';
  const isOf =
    (list: 'known' | 'weights' | 'statistics') =>
    ({ definition, operand }: Use): boolean =>
      definition?.[list].includes(operand) ?? false;
  if (uses.length > 0 && uses.every(isOf('known'))) return 'number';
  if (uses.some(isOf('statistics'))) return 'statistic';
  if (size === 1 && (shape.length === 0 || !uses.some(isOf('weights')))) return 'number';
  return origin ? 'weight' : 'statistic';
}

/** The constants of a model by name. */
export class OnnxConstants implements ConstantSource {
  readonly variables = new Map<string, Variable>();
  readonly #known = new Map<string, Value>();
  /** Names of the variables that training may change. */
  readonly trained = new Set<string>();
  /** Variables by the messages that they are stored in. */
  readonly origins = new Map<object, Variable[]>();

  /** @throws OutOfMemoryError; what the decoding throws */
  add(stored: StoredTensor, uses: readonly Use[]): void {
    const role = roleOf(stored, uses);
    const { name } = stored;
    if (role === 'number') {
      this.#known.set(name, stored.known());
      return;
    }
    const spec = { shape: [...stored.shape], dtype: dtypeOf(stored.type) };
    const variable = withGraph(undefined, () => emptyVariable(spec, role === 'weight', name));
    this.variables.set(name, variable);
    const at = variable.address() >>> 2;
    const memory = spec.dtype === 'float32' ? engine.memory.f32 : engine.memory.i32;
    stored.copyTo(memory.subarray(at, at + variable.size));
    if (role === 'weight') this.trained.add(name);
    const { origin } = stored;
    if (origin) this.origins.set(origin, [...(this.origins.get(origin) ?? []), variable]);
  }

  get(name: string): Value | undefined {
    return this.variables.get(name) ?? this.#known.get(name);
  }

  /** Numbers that are known never change. */
  refresh(): boolean {
    return false;
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }
}
