import { command } from '../host/command.mjs';
import { packaged } from '../host/install.mjs';

// From npm when the row names a package, else the Node that runs this.
const find = ({ install: name }) => (name === undefined ? process.execPath : packaged(name, 'bin/node'));

export async function run(row) {
  return command(find(row), [], row);
}
