import { isAuthenticator, readAuthenticator, type Authenticators } from './authenticators.js';
import { entriesOf, hasEntries } from './components.js';
import { mistakeAt, type ConfigMistake } from '../error.js';
import type { ConfigPlace } from '../place.js';

/** Extensions of the OpenTelemetry Collector whose work is done here without them, or that look into a process of another kind. */
const BUILT_IN: Readonly<Record<string, string>> = {
  health_check: 'health is answered at /healthz and /readyz of the query port (serve.endpoint) already',
  healthcheckv2: 'health is answered at /healthz and /readyz of the query port (serve.endpoint) already',
  file_storage: 'places and queues are kept in the data directory already',
  memory_limiter: 'the receivers hold a byte budget already (setting: receive.max_in_flight_bytes)',
  memory_ballast: 'it is for the garbage collector of another language',
  pprof: 'it is for programs in another language; self-metrics are at /metrics of the query port (serve.endpoint)',
  zpages: 'what the pipelines do is shown by `signalbox ledger`, /metrics and the console (serve.endpoint)',
};

/** What to do instead of extensions that people are likely to bring. */
const INSTEAD: Readonly<Record<string, string>> = {
  oauth2client: 'let what renews the token write it into a file, and name that in the exporter: auth: { bearer_token_file: FILE }; it is read again when it changes',
  headers_setter: "write the headers into the exporter's section: headers: { NAME: \"…\" }; the tenant goes to Loki, Prometheus and Elasticsearch by itself",
  oidc: 'who may send is told by tokens: make one with `signalbox token create`',
  sigv4auth: 'let a proxy sign the requests, and send to that',
  k8s_observer: 'name the files and targets with patterns (filelog: include; prometheus: file_sd_configs)',
  docker_observer: 'name the files and targets with patterns (filelog: include; prometheus: file_sd_configs)',
  opamp: 'the configuration is a file, which is taken over when it changes',
};

export interface Extensions {
  readonly ids: readonly string[];
  /** False where the section is no map: what it should define is not known. */
  readonly read: boolean;
  readonly authenticators: Authenticators;
}

/** Reads `extensions`: those that say who exporters are; what is built in is accepted with a warning, anything else refused. */
export function readExtensions(raw: unknown, place: ConfigPlace, mistakes: ConfigMistake[]): Extensions {
  const authenticators = new Map<string, Readonly<Record<string, unknown>> | null>();
  for (const [id, section] of entriesOf(raw, place, mistakes)) {
    const type = id.split('/', 1)[0]!;
    const at = place.child(id);
    authenticators.set(id, isAuthenticator(type) ? readAuthenticator(type, section, at, mistakes) : null);
    if (isAuthenticator(type)) continue;
    const builtIn = Object.hasOwn(BUILT_IN, type) ? BUILT_IN[type] : undefined;
    const instead = Object.hasOwn(INSTEAD, type) ? INSTEAD[type] : undefined;
    if (builtIn !== undefined) mistakes.push(mistakeAt(at, 'SBX_CONFIG_BUILT_IN', `has no effect: ${builtIn}. Take it out.`, { severity: 'warning', atKey: true }));
    else mistakes.push(mistakeAt(at, 'SBX_CONFIG_UNSUPPORTED', `'${id}': this extension is not available; ${instead ?? 'health, self-metrics, storage and authentication are built in. Take it out'}.`, { atKey: true }));
  }
  return { ids: [...authenticators.keys()], read: hasEntries(raw), authenticators };
}
