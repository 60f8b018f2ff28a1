import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Prometheus' own behaviour scripts, with a slash at the end; `SIGNALBOX_PROMQL_SCRIPTS` names another folder with such, to see where it stands. */
export const SCRIPTS = (process.env['SIGNALBOX_PROMQL_SCRIPTS'] ?? fileURLToPath(new URL('../../../shared/suites/promql/', import.meta.url))).replace(/\/*$/, '/');

/** Scripts of the project's own, which are always there. */
export const OWN = fileURLToPath(new URL('own/', import.meta.url));

/** Paths of the scripts in a folder, sorted; none where it is not there. */
export function scriptsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.test')).sort().map((name) => folder + name) : [];
}
