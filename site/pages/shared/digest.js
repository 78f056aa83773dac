/** SHA-256 as hexadecimal digits. */
export async function hexDigest(bytes) {
  if (!globalThis.crypto?.subtle) throw new Error('a browser computes SHA-256 on https and localhost only');
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The SHA-256 of all weights of a model. */
export async function weightsDigest(model) {
  const lists = model.getWeights().map((weight) => weight.dataSync());
  const bytes = new Uint8Array(lists.reduce((sum, list) => sum + list.byteLength, 0));
  let at = 0;
  for (const list of lists) {
    bytes.set(new Uint8Array(list.buffer, list.byteOffset, list.byteLength), at);
    at += list.byteLength;
  }
  return hexDigest(bytes);
}
