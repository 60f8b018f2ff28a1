import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Packages of ours whose code is in the bundle. */
const PACKAGES = ['signals', 'journal', 'collector', 'query', 'store', 'appliance'];

/**
 * The file that a role's process runs: that of the bundle (`appliance/bundle.mjs`), which loads in a fraction of the time, unless there is
 * none or one of the packages has been compiled since.
 * @param appliance the folder of this package
 */
export function roleEntry(appliance: URL = new URL('../../', import.meta.url)): string {
  const bundled = new URL('dist/bundle/main.js', appliance);
  const bundledMs = timeOf(bundled);
  const isCurrent = bundledMs !== null && PACKAGES.every((name) => (timeOf(new URL(`../${name}/dist/.tsbuildinfo`, appliance)) ?? 0) <= bundledMs);
  return fileURLToPath(isCurrent ? bundled : new URL('dist/roles/main.js', appliance));
}

/** When it was written, in Unix milliseconds. */
function timeOf(file: URL): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
