import { entriesOf } from './components.js';
import { mistakeAt, type ConfigMistake } from './error.js';
import type { ConfigPlace } from './place.js';

/** Extensions of the OpenTelemetry Collector whose work is done here without them. */
const BUILT_IN: Readonly<Record<string, string>> = {
  health_check: 'health is answered at /healthz and /readyz of the query port (serve.endpoint) already',
  healthcheckv2: 'health is answered at /healthz and /readyz of the query port (serve.endpoint) already',
  file_storage: 'places and queues are kept in the data directory already',
};

/** Reads `extensions`; answers their ids. What is built in is accepted with a warning, anything else refused. */
export function readExtensions(raw: unknown, place: ConfigPlace, mistakes: ConfigMistake[]): readonly string[] {
  const ids = entriesOf(raw, place, mistakes).map(([id]) => id);
  for (const id of ids) {
    const type = id.split('/', 1)[0]!;
    const builtIn = Object.hasOwn(BUILT_IN, type) ? BUILT_IN[type] : undefined;
    if (builtIn !== undefined) mistakes.push(mistakeAt(place.child(id), 'SBX_CONFIG_BUILT_IN', `has no effect: ${builtIn}. Take it out.`, { severity: 'warning', atKey: true }));
    else mistakes.push(mistakeAt(place.child(id), 'SBX_CONFIG_UNSUPPORTED', `'${id}': this extension is not available; health, self-metrics, storage and authentication are built in. Take it out.`, { atKey: true }));
  }
  return ids;
}
