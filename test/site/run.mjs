// Drives every page of the built site in real browsers and prints what was found; fails if anything went wrong.
//
//   node test/site/run.mjs [--browsers chromium,firefox] [--only digit,playground] [--quick]
//
// By default in all browsers that are installed. --quick: at the width of a phone pages are opened, and not used.
//
// After `npm run site`. Screenshots at the widths of a screen and of a phone are written to build/screenshots.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installed, launch, serve, visit, WIDTHS } from './browser.mjs';
import { PEOPLE } from './people.mjs';

const { values } = parseArgs({
  options: {
    browsers: { type: 'string', default: installed().join(',') },
    only: { type: 'string' },
    quick: { type: 'boolean' },
  },
});
const only = values.only?.split(',');
const folder = mkdtempSync(join(tmpdir(), 'samegrad-site-'));
const site = await serve();
let failures = 0;
if (!values.browsers) throw new Error('no browser is installed: apt-get install chromium');
try {
  for (const name of values.browsers.split(',')) {
    const browser = await launch(name);
    for (const [page, act] of Object.entries(PEOPLE)) {
      if (only && !only.includes(page)) continue;
      for (const width of WIDTHS) {
        const title = `${name} ${page || 'gallery'} at ${width}`;
        try {
          const address = `${site.url}${page ? `${page}/` : ''}`;
          const shot = `${page || 'gallery'}-${name}`;
          const { errors, longest, overflow } = await visit(browser, address, {
            name: shot,
            width,
            act: values.quick && width !== WIDTHS[0] ? undefined : (tab) => act(tab, folder),
          });
          const isGood = errors.length === 0 && overflow === 0;
          if (!isGood) failures++;
          console.log(
            `${isGood ? 'ok  ' : 'FAIL'} ${title}: longest task ${Math.round(longest)} ms${errors.map((e) => `\n     ${e}`).join('')}` +
              (overflow ? `\n     ${overflow} pixels stick out` : ''),
          );
        } catch (error) {
          failures++;
          console.log(`FAIL ${title}: ${error.message}`);
        }
      }
    }
    await browser.close();
  }
} finally {
  site.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(failures ? `${failures} failed` : 'all pages do what they should');
process.exitCode = failures ? 1 : 0;
