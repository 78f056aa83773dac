import { command } from '../host/command.mjs';
import { packaged } from '../host/install.mjs';

export async function run(row) {
  const extra = { DO_NOT_TRACK: '1', BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' };
  return command(packaged(row.install, 'bin/bun'), ['run', '--no-install'], row, extra);
}
