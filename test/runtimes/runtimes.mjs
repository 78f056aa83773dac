// The rows of the suite. `install`: the npm package in ./package.json that a row needs; `adapter`: adapters/<name>.mjs;
// `optional`: no failure where the runtime is not on the machine. `slow`: how many times as long it may take.

// The Node that runs this, and others from npm.
const current = process.versions.node.split('.')[0];
const node = (major) => ({ name: `node${major}`, adapter: 'node', threads: 1, install: `node${major}` });
const deno = { adapter: 'deno', install: '@deno/linux-x64-glibc' };
const bun = { adapter: 'bun', install: '@oven/bun-linux-x64' };
const chromium = { adapter: 'chromium', install: 'playwright-core' };

export const defaults = [
  { name: `node${current}x1`, adapter: 'node', threads: 1 },
  { name: `node${current}x2`, adapter: 'node', threads: 2 },
  node(22),
  node(24),
  node(26),
  { name: 'deno', ...deno, threads: 1 },
  { name: 'bun', ...bun, threads: 1 },
  { name: 'workerd', adapter: 'workerd', threads: 1, install: '@cloudflare/workerd-linux-64' },
  { name: 'chromium', ...chromium, threads: 1, isolated: true },
  { name: 'firefox', adapter: 'firefox', threads: 1, isolated: true, optional: true },
  { name: 'webkit', adapter: 'webkit', threads: 1, isolated: true, optional: true },
  { name: 'arm64', adapter: 'arm64', threads: 1, optional: true, slow: 4 },
];

// Only with --only. A page that is not isolated has no SharedArrayBuffer, as most pages of the web. `script`: the page
// takes the classic script, not the module.
export const extras = [
  { name: 'denox2', ...deno, threads: 2 },
  { name: 'bunx2', ...bun, threads: 2 },
  { name: 'chromiumx2', ...chromium, threads: 2, isolated: true },
  { name: 'chromium-plain', ...chromium, threads: 1, isolated: false },
  { name: 'chromium-script', ...chromium, threads: 1, isolated: false, script: true },
  { name: 'chromium-scriptx2', ...chromium, threads: 2, isolated: true, script: true },
  { name: 'firefoxx2', adapter: 'firefox', threads: 2, isolated: true },
  { name: 'arm64x2', adapter: 'arm64', threads: 2, optional: true, slow: 8 },
  { name: 'webkitx2', adapter: 'webkit', threads: 2, isolated: true },
];

/** Every runtime that has threads with one to four of them, the others with one. */
export const certified = defaults
  .filter(({ name }) => !/x[2-9]$/.test(name))
  .flatMap((row) =>
    (row.adapter === 'workerd' ? [1] : [1, 2, 3, 4]).map((threads) => ({
      ...row,
      name: `${row.name.replace(/x1$/, '')}x${threads}`,
      threads,
      ...(row.slow && { slow: row.slow * threads }),
    })),
  );

// A name picks the row of that name, or else all default rows that begin with it: 'node' is every Node.
export function select(only) {
  if (only === undefined) return defaults;
  const rows = only.split(',').flatMap((name) => {
    const exact = [...defaults, ...extras].filter((row) => row.name === name);
    const found = exact.length > 0 ? exact : defaults.filter((row) => name !== '' && row.name.startsWith(name));
    if (found.length === 0) throw new Error(`--only: no runtime '${name}'; there are ${names()}`);
    return found;
  });
  return [...new Set(rows)];
}

export const names = () => [...defaults, ...extras].map((row) => row.name).join(' ');
