/** Says whether a page's training has the bits of Node's. */
import { byId } from './head.js';

/** Shows two hashes in #hash-here and #hash-node, and in #verdict whether they are equal. */
export function compareHashes(here, node) {
  byId('hash-here').textContent = here;
  byId('hash-node').textContent = node;
  const verdict = byId('verdict');
  verdict.textContent = here === node ? 'Equal, bit for bit.' : 'They differ, which must not be.';
  verdict.className = here === node ? 'good' : 'bad';
}
