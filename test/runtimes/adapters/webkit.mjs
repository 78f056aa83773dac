import { browse, version } from '../host/browser.mjs';
import { binary } from '../host/missing.mjs';

const FROM = 'apt-get install webkit2gtk-driver xvfb xauth';

export async function run(row) {
  const browser = binary('/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser', FROM);
  const screen = binary('/usr/bin/xvfb-run', FROM);
  // WebKitGTK hides SharedArrayBuffer without it, even from isolated pages.
  const extra = row.isolated ? { JSC_useSharedArrayBuffer: '1' } : {};
  const line = await browse(screen, ['-a', browser, '--private'], row, extra);
  return { ...line, version: await version(screen, ['-a', browser], row) };
}
