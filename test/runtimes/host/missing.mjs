import { existsSync } from 'node:fs';

// The runtime is not on this machine: a failure, unless --allow-missing says otherwise.
export class Missing extends Error {}

// The path of a runtime's binary; `from` says where it comes from.
export function binary(path, from) {
  if (!existsSync(path)) throw new Missing(`no ${path} (${from})`);
  return path;
}
