import { mkdirSync, writeFileSync } from 'node:fs';
import { browse, version } from '../host/browser.mjs';
import { binary } from '../host/missing.mjs';

// Nothing is to be looked up or sent outside.
const PREFERENCES = `user_pref('network.dns.disabled', true);
user_pref('app.update.enabled', false);
user_pref('browser.shell.checkDefaultBrowser', false);
user_pref('browser.aboutwelcome.enabled', false);
user_pref('datareporting.policy.dataSubmissionEnabled', false);
user_pref('toolkit.telemetry.enabled', false);
`;

export async function run(row) {
  const firefox = binary('/usr/bin/firefox-esr', 'apt-get install firefox-esr');
  const profile = `${row.folder}/profile`;
  mkdirSync(profile);
  writeFileSync(`${profile}/user.js`, PREFERENCES);
  const line = await browse(firefox, ['--headless', '--no-remote', '--profile', profile], row);
  return { ...line, version: await version(firefox, [], row) };
}
