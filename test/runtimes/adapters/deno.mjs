import { command } from '../host/command.mjs';
import { packaged } from '../host/install.mjs';

export async function run(row) {
  const options = [
    'run',
    '--allow-read',
    '--allow-write',
    '--allow-env',
    '--allow-net=127.0.0.1',
    '--no-prompt',
    '--no-config',
    '--no-lock',
    '--no-remote',
  ];
  const extra = { DENO_DIR: row.folder, DENO_NO_UPDATE_CHECK: '1' };
  return command(packaged(row.install, 'deno'), options, row, extra);
}
