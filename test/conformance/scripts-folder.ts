import { fileURLToPath } from 'node:url';

/** Prometheus' own behaviour scripts, with a slash at the end; `SIGNALBOX_PROMQL_SCRIPTS` names another folder with such, to see where it stands. */
export const SCRIPTS = (process.env['SIGNALBOX_PROMQL_SCRIPTS'] ?? fileURLToPath(new URL('../../../shared/suites/promql/', import.meta.url))).replace(/\/*$/, '/');
