// The built pages in a real browser, driven as a person would drive them.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preview } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** Where screenshots are written, to be looked at. */
export const SHOTS = join(root, 'build/screenshots');
const WIDTHS = [1280, 390];

const BROWSERS = {
  chromium: { executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] },
  firefox: { executablePath: '/usr/bin/firefox-esr' },
};

/** The pages on a server of files with the headers that threads need. */
export async function serve() {
  const server = await preview({
    configFile: join(root, 'site/pages/vite.config.mjs'),
    logLevel: 'warn',
    preview: { port: 0 },
  });
  return { url: server.resolvedUrls.local[0], close: () => server.httpServer.close() };
}

/** @param {'chromium' | 'firefox'} name */
export async function launch(name) {
  const require = createRequire(join(root, 'test/runtimes/package.json'));
  const playwright = require('playwright-core');
  return playwright[name].launch(BROWSERS[name]);
}

/**
 * Opens a page at the width of a screen and hands it to `act`, then takes its picture.
 * @returns what went wrong in the page, and its longest task in milliseconds (where the browser tells)
 */
export async function visit(browser, url, { name, width = 1280, act }) {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  await page.addInitScript(() => {
    globalThis.longest = 0;
    if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
    }).observe({ type: 'longtask', buffered: false });
  });
  try {
    await page.goto(url, { waitUntil: 'load' });
    await act?.(page);
    const longest = await page.evaluate(() => globalThis.longest);
    // Nothing sticks out to the side.
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    mkdirSync(SHOTS, { recursive: true });
    await page.screenshot({ path: join(SHOTS, `${name}-${width}.png`), fullPage: true });
    return { errors, longest, overflow };
  } finally {
    await page.close();
  }
}

export { WIDTHS };
