/** Models as diagrams. */
import { show } from '../../support/arguments';
import { ArgumentError } from '../../support/errors';
import { showShape } from '../../tensor/shape';
import type { Summarizable } from './summary';

/**
 * A model's layers and how they are connected, as a flowchart in the language of Mermaid.
 * @throws ArgumentError unless it is a model
 * @example
 * const model = sg.sequential({ layers: [sg.layers.dense({ units: 1, inputShape: [2] })] });
 * console.log(sg.mermaid(model)); // flowchart TD …
 */
export function mermaid(model: Summarizable): string {
  if (!Array.isArray((model as Summarizable | undefined)?.rows))
    throw new ArgumentError(`mermaid: needs a model, got ${show(model)}`);
  const index = new Map(model.rows.map(({ layer }, i) => [layer.name, i]));
  const nodes = model.rows.map(
    ({ layer, outputs }, i) => `  n${i}["${layer.name} (${layer.className})<br>${outputs.map(showShape).join(' ')}"]`,
  );
  const isGraph = model.rows.some((r) => r.receives.length > 0);
  const edges = model.rows.flatMap(({ receives }, i) => {
    // Without a graph each layer follows the one before.
    const from = isGraph ? receives.map((r) => index.get(r.replace(/\[\d+\]$/, ''))) : i > 0 ? [i - 1] : [];
    return from.map((k) => `  n${k} --> n${i}`);
  });
  return ['flowchart TD', ...nodes, ...edges].join('\n');
}
