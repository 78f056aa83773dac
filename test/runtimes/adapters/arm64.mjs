import { command } from '../host/command.mjs';
import { install, isInstalled, packaged } from '../host/install.mjs';
import { binary } from '../host/missing.mjs';

const PACKAGES = 'apt-get install qemu-user libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross';
const LIBRARIES = '/usr/aarch64-linux-gnu';

// Node's own arm64 binary: the code of its engine for another processor, under an emulator.
export async function run(row) {
  const qemu = binary('/usr/bin/qemu-aarch64', PACKAGES);
  for (const name of ['libc.so.6', 'libstdc++.so.6', 'libgcc_s.so.1']) binary(`${LIBRARIES}/lib/${name}`, PACKAGES);
  if (!isInstalled('node22', 'arm64')) await install(row.signal, 'arm64', ['--force']);
  return command(qemu, ['-L', LIBRARIES, packaged('node22', 'bin/node', 'arm64')], row);
}
