/** Every code block of the README and of the guides runs as printed, on the built package. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const readme = readFileSync('README.md', 'utf8');
interface Block {
  readonly language: string;
  readonly code: string;
}

const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map((m) => ({ language: m[1] as string, code: m[2] as string }));
const blocks = blocksOf(readme);
/** Programs, each with its first line that says something; what a launcher of MPI has to start `test/distributed` runs. */
const programsOf = (list: readonly Block[]) =>
  list
    .filter((b) => b.language === 'js' && !b.code.includes('mpi.init('))
    .map(({ code }) => [code.split('\n').find((l) => l && !l.startsWith('import')), code] as const);
/** Commands of a shell are looked at only. */
const unexecuted = (list: readonly Block[]): Block[] => list.filter((b) => b.language !== 'js' && b.language !== 'sh');
const scripts = (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts;

/** Runs a module inside the project, where `samegrad` is the package itself. */
function run(code: string): string {
  const dir = mkdtempSync(join(process.cwd(), 'build', 'readme-'));
  try {
    const file = join(dir, 'block.mjs');
    writeFileSync(file, code);
    return execFileSync(process.execPath, [file], { encoding: 'utf8' });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('README', () => {
  const programs = programsOf(blocks);

  test('has programs', () => expect(programs.length).toBeGreaterThanOrEqual(3));

  test.each(programs)('runs: %s', (_, code) => {
    expect(run(code)).not.toBe('');
  });

  test('the first program learns', () => {
    const accuracy = Number(/accuracy ([\d.]+)/.exec(run(programs[0]?.[1] as string))?.[1]);
    expect(accuracy).toBeGreaterThan(0.9);
  });

  test('names only scripts that exist', () => {
    for (const [, name] of readme.matchAll(/npm (?:run )?(\w+) {2,}|`npm run (\w+)`/g)) {
      if (name) expect(Object.keys(scripts)).toContain(name);
    }
    for (const [, name] of readme.matchAll(/npm run (\w+)/g)) expect(Object.keys(scripts)).toContain(name);
  });

  test('leaves no block unexecuted', () => expect(unexecuted(blocks)).toEqual([]));

  test('links to files that the package has, but for what needs the sources', () => {
    const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)]
      .map(([, path]) => path as string)
      .filter((path) => path !== 'CONTRIBUTING.md');
    expect(links.length).toBeGreaterThan(10);
    for (const path of links) {
      expect(existsSync(path), path).toBe(true);
      expect(
        files.some((file) => path === file || path.startsWith(`${file}/`)),
        path,
      ).toBe(true);
    }
  });
});

/** The anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

test('guides link to guides and headings that are there', () => {
  const guides = Object.fromEntries(
    readdirSync('site/guides').map((name) => [name, readFileSync(join('site/guides', name), 'utf8')]),
  );
  for (const [name, text] of Object.entries(guides))
    for (const [, path, anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const target = path ? guides[path] : text;
      expect(target, `${name}: ${path}`).toBeDefined();
      const anchors = [...(target as string).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading as string));
      if (anchor) expect(anchors, `${name}: ${path}`).toContain(anchor);
    }
});

describe.each(readdirSync('site/guides').map((name) => [name] as const))('guide %s', (name) => {
  const parts = blocksOf(readFileSync(join('site/guides', name), 'utf8'));

  test.each(programsOf(parts))('runs: %s', (_, code) => {
    expect(run(code)).not.toBe('');
  });

  test('leaves no block unexecuted', () => expect(unexecuted(parts)).toEqual([]));
});
