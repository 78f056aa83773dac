/** Programs as text. */
import { BINARY, Bin, Op, TERNARY, Tern, Un } from '../../assembly/isa';
import { type Command, isRef, type MapOperand, type Operand, type Ref } from '../program/ir';
import { showShape } from '../tensor/shape';
import type { Placement } from './passes/place';

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

/** What a program was made of. */
export interface Listing {
  readonly commands: readonly Command[];
  /** What each command is part of. */
  readonly origins: readonly string[];
  readonly placement: Placement;
}

/** The commands of a program with their operands and places, one line for each, then what the workspace takes. */
export function showProgram({ listing }: { readonly listing: Listing }): string {
  const { commands, origins, placement } = listing;
  const place = (ref: Ref): string => {
    const offset = placement.offsets.get(ref.buffer);
    const at = offset === undefined ? ref.buffer.label : `@${offset}`;
    return ref.offset ? `${at}+${ref.offset}` : at;
  };
  const lines = showCommands(commands, origins, place, 4);
  const ratio = placement.bound ? (placement.bytes / placement.bound).toFixed(3) : '1';
  lines.push(
    `workspace ${kib(placement.bytes)}, largest sum of values alive at once ${kib(placement.bound)}, ratio ${ratio}`,
  );
  return lines.join('\n');
}

function showCommands(
  commands: readonly Command[],
  origins: readonly string[],
  place: (ref: Ref) => string,
  indent: number,
): string[] {
  return commands.flatMap((c, i) => {
    const line = (text: string): string => `${String(i).padStart(indent)}  ${text}  ; ${origins[i]}`;
    if (c.kind === 'map') return [line(showMap(c, place))];
    if (c.kind === 'plain') return [line(showPlain(c, place))];
    const inside = (ref: Ref): string => {
      const moving = c.moving.find((m) => m.buffer === ref.buffer);
      if (moving) return `${place(moving.base)}[t]`;
      const offset = c.offsets.get(ref.buffer);
      return offset === undefined ? place(ref) : `${place({ buffer: c.workspace, offset: 0 })}.${offset + ref.offset}`;
    };
    return [line(`Loop ${c.count}`), ...showCommands(c.body, c.origins, inside, indent + 4)];
  });
}

function showPlain(c: Command & { kind: 'plain' }, place: (ref: Ref) => string): string {
  const show = (o: Operand): string => (isRef(o) ? place(o) : typeof o === 'number' ? String(o) : String(o.value));
  return `${Op[c.op]} ${Object.entries(c.operands)
    .map(([name, o]) => `${name}=${show(o)}`)
    .join(' ')}`;
}

function codeName(code: number): string {
  if (code >= TERNARY) return Tern[code - TERNARY] as string;
  return (code >= BINARY ? Bin[code - BINARY] : Un[code]) as string;
}

function showMap(c: Command & { kind: 'map' }, place: (ref: Ref) => string): string {
  const operand = (s: MapOperand): string => {
    if (s.kind === 'temp') return `t${s.index}`;
    return s.kind === 'input' ? place((c.inputs[s.index] as { ref: Ref }).ref) : place(c.outputs[s.index] as Ref);
  };
  const steps = c.steps.map((s) => `${operand(s.target)}=${codeName(s.code)}(${s.args.map(operand).join(', ')})`);
  return `Map ${showShape(c.shape)} ${steps.join('; ')}`;
}
