// Runs in a browser's page: /?threads=N&isolated=0|1. Imports within the try, so that their errors are handed back too.
const query = new URLSearchParams(location.search);

async function run() {
  const isolated = query.get('isolated') === '1';
  if (globalThis.crossOriginIsolated !== isolated) {
    throw new Error(`crossOriginIsolated is ${globalThis.crossOriginIsolated}, not ${isolated}`);
  }
  const { report } = await import('./report.mjs');
  const { pixels } = await import('./pixels.mjs');
  const sg = await import('/dist/index.js');
  const { hashes } = await import('/ops/ops.js');
  await pixels(sg);
  return report(sg, hashes, { threads: Number(query.get('threads')) });
}

// JavaScriptCore's stacks lack the message, V8's begin with it.
const explain = (error) => JSON.stringify({ error: `${error}\n${error?.stack ?? ''}` });

await fetch('/result', { method: 'POST', body: await run().catch(explain) });
