/** For small bundles: the modules are files beside the script and are fetched while it is imported. */
import { RuntimeSupportError } from '../../support/errors';
import { loadBuiltin } from '../../support/optional-modules';

/** How every WebAssembly module starts. */
const MAGIC = [0, 0x61, 0x73, 0x6d];

/** @throws RuntimeSupportError where the file is not served */
export const load = async (url: URL): Promise<Uint8Array<ArrayBuffer>> => {
  if (url.protocol === 'file:') {
    const { readFile } = await loadBuiltin<typeof import('node:fs/promises')>('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const answer = await fetch(url);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  // Servers of single-page applications answer with a page to whatever they do not have.
  if (!answer.ok || !MAGIC.every((b, i) => bytes[i] === b))
    throw new RuntimeSupportError(
      `samegrad/asset: ${url} ${answer.ok ? 'is not a WebAssembly module' : `answered ${answer.status}`}; serve the .wasm files of the package's folder dist/ there, or import 'samegrad', which holds them`,
    );
  return bytes;
};
