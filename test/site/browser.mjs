// The built pages in a real browser, driven as a person would drive them.
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preview } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** Where screenshots are written, to be looked at. */
export const SHOTS = join(root, 'build/screenshots');
/** Of a screen and of a phone. */
export const WIDTHS = [1280, 390];

const BROWSERS = {
  chromium: { browser: 'chrome', executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] },
  firefox: { browser: 'firefox', executablePath: '/usr/bin/firefox-esr' },
};

/** Those that are on this machine. */
export const installed = () => Object.keys(BROWSERS).filter((name) => existsSync(BROWSERS[name].executablePath));

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
  // Installed with what makes the pages.
  const { launch } = createRequire(join(root, 'site/package.json'))('puppeteer-core');
  // As long as the tests wait: on a busy machine a page takes minutes to answer.
  return launch({ ...BROWSERS[name], headless: true, protocolTimeout: 400_000 });
}

/** In the page, before its own scripts: notes the longest task, where the browser tells. */
function watchTasks() {
  globalThis.longest = 0;
  if (!PerformanceObserver.supportedEntryTypes.includes('longtask')) return;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
  }).observe({ type: 'longtask', buffered: false });
}

/**
 * Opens a page at the width of a screen and hands it to `act`, then takes its picture.
 * @returns what went wrong in the page, its longest task in milliseconds, and how many pixels stick out to the side
 */
export async function visit(browser, url, { name, width = 1280, act }) {
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) errors.push(`${response.status()} ${response.url()}`);
  });
  try {
    await page.setViewport({ width, height: 900 });
    await page.evaluateOnNewDocument(watchTasks);
    await page.goto(url, { waitUntil: 'load' });
    await act?.(page).catch(async (error) => {
      const text = await page.$eval('#state', (element) => element.textContent).catch(() => 'nothing');
      throw new Error(`${error.message}; its state is: ${text}`, { cause: error });
    });
    const longest = await page.evaluate(() => globalThis.longest);
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
