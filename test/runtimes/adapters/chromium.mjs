import { environment } from '../host/command.mjs';
import { binary } from '../host/missing.mjs';
import { pages } from '../host/pages.mjs';
import { orAborted } from '../host/process.mjs';

// Without these Chromium tries outside addresses at start.
const QUIET = [
  '--disable-component-update',
  '--disable-quic',
  '--disable-domain-reliability',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

// What goes wrong outside the page's own try: a crash, or a module that does not load.
function trouble(browser, page) {
  return new Promise((_, reject) => {
    browser.on('disconnected', () => reject(new Error('the browser ended before the page gave its result')));
    page.on('crash', () => reject(new Error('the page crashed')));
    page.on('pageerror', (error) => reject(error));
  });
}

async function visit(browser, site) {
  const page = await browser.newPage();
  const [line] = await Promise.all([
    Promise.race([site.result, trouble(browser, page)]),
    page.goto(site.url, { waitUntil: 'commit' }),
  ]);
  return { ...line, version: browser.version() };
}

export async function run(row) {
  const executablePath = binary('/usr/bin/chromium', 'apt-get install chromium');
  const { chromium } = await import('playwright-core');
  const site = await pages(row);
  // The runner handles signals itself and closes the browser in order.
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const args = ['--no-sandbox', ...QUIET];
  let browser;
  try {
    browser = await chromium.launch({ executablePath, args, env: environment(row.folder), ...signals });
    return await orAborted(visit(browser, site), row.signal);
  } finally {
    await browser?.close();
    site.close();
  }
}
