import { command } from '../host/command.mjs';
import { packaged } from '../host/install.mjs';
import { Missing } from '../host/missing.mjs';

// From npm when the row names a package, else the Node that runs this, which must be the row's.
function find({ install: name, major }) {
  if (name !== undefined) return packaged(name, 'bin/node');
  if (process.versions.node.split('.')[0] === String(major)) return process.execPath;
  throw new Missing(`start this with Node ${major}, not ${process.version}`);
}

export async function run(row) {
  return command(find(row), [], row);
}
