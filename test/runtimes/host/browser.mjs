// Browsers without a driver: start one on the page's address and wait for what the page posts.
import { environment } from './command.mjs';
import { pages } from './pages.mjs';
import { complete, failure, orAborted, start } from './process.mjs';

export async function version(binary, options, { folder, signal }) {
  const { stdout } = await complete(binary, [...options, '--version'], { env: environment(folder), signal });
  return stdout.match(/\d+(\.\d+)+/)[0];
}

async function early(browser) {
  const { code, ...output } = await browser.ended;
  throw failure(`the browser ended with ${code} before the page gave its result`, output);
}

export async function browse(binary, options, row, extra) {
  const site = await pages(row);
  const env = environment(row.folder, extra);
  const browser = start(binary, [...options, site.url], { cwd: row.folder, env });
  try {
    return await orAborted(Promise.race([site.result, early(browser)]), row.signal);
  } catch (error) {
    error.detail ??= failure('', browser.output).detail;
    throw error;
  } finally {
    await browser.stop();
    site.close();
  }
}
