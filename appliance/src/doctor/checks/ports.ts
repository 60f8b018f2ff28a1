import { readFileSync } from 'node:fs';
import { TLS_REMEDY } from '../../probe/caller.js';
import { START_REMEDY, fetchStatus, urlOf } from '../../probe/endpoints.js';
import { httpUrl } from '../../probe/http-url.js';
import { parseConfiguration, type Configuration } from '../../settings/configuration.js';
import { hint, ok, problem } from '../finding.js';
import type { Check, DoctorContext, Finding } from '../finding.js';
import { whoListens } from '../who-listens.js';

const EXPECTED = [
  { protocol: 'otlp/grpc', transport: 'grpc', kind: 'otlp-grpc', port: 4317, label: 'OTLP over gRPC' },
  { protocol: 'otlp/http', transport: 'http', kind: 'otlp-http', port: 4318, label: 'OTLP over HTTP' },
] as const;

/** What the configuration of a receiver of OTLP says of where it listens. */
interface Listens {
  readonly protocols: Readonly<Partial<Record<(typeof EXPECTED)[number]['transport'], { readonly endpoint: string; readonly tls?: { readonly cert_file?: string } }>>>;
}

/** Who answers at the two OTLP ports (of the appliance that runs, else of its configuration): the appliance, something else, or nobody. */
export const portsCheck: Check = {
  name: 'ports',
  async run(context) {
    const status = await fetchStatus(context.url, context.token, context.timeoutMs, context.caller).catch(() => null);
    const config = status === null ? readConfiguration(context.configFile) : null;
    const findings: Finding[] = [];
    for (const expected of EXPECTED) {
      const url = status === null ? configuredUrl(config, expected) : urlOf(status, expected.protocol);
      if (url === null) findings.push(hint('ports', `the appliance does not receive ${expected.label}`, `add it to receivers.otlp.protocols, if an application sends it`));
      else findings.push(await examine(expected, new URL(url), status !== null, context));
    }
    return findings;
  },
};

/** Null where it cannot be read, which another check tells. */
function readConfiguration(file: string | null): Configuration | null {
  try {
    return parseConfiguration({ file: file ?? '', text: file === null ? '' : readFileSync(file, 'utf8') }, process.env);
  } catch {
    return null;
  }
}

/** Where the configuration has it accepted, the usual port where that is not known; null where it is not accepted. */
function configuredUrl(config: Configuration | null, { transport, port }: (typeof EXPECTED)[number]): string | null {
  if (config === null) return `http://127.0.0.1:${port}`;
  const used = new Set(config.pipelines.flatMap(({ receivers }) => receivers));
  for (const { id, type, config: receiver } of config.receivers) {
    const listens = type === 'otlp' && used.has(id) ? (receiver as Listens).protocols[transport] : undefined;
    if (listens !== undefined) return httpUrl(listens.endpoint, listens.tls?.cert_file !== undefined);
  }
  return null;
}

async function examine(expected: (typeof EXPECTED)[number], url: URL, applianceRuns: boolean, context: DoctorContext): Promise<Finding> {
  const { host: address, port } = url;
  const listener = await whoListens(url, context.token, context.timeoutMs, context.caller);
  if (listener.kind === expected.kind) {
    if (listener.refused !== null) return problem('ports', `${address} takes ${expected.label} and demands a token: ${listener.refused}`, 'give the application a token: SIGNALBOX_TOKEN for our agent, OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20<token>" for any other');
    const takes = `${address} takes ${expected.label}${url.protocol === 'https:' ? ' with TLS' : ''}`;
    if (applianceRuns) return ok('ports', takes);
    return hint('ports', `${takes}, and no appliance answers at ${context.url}: another collector has the port, or an appliance whose console is elsewhere`, ownerRemedy(port));
  }
  if (listener.kind === 'nobody') {
    return problem('ports', `nobody listens at ${address} (${listener.code})`, applianceRuns ? 'the receive role is not up: see the output of the appliance' : START_REMEDY);
  }
  if (listener.kind === 'tls-failed') return problem('ports', `TLS with ${address} (${expected.label}) failed: ${listener.detail}`, TLS_REMEDY);
  const other = listener.kind === 'other' ? `something else listens at ${address}: ${listener.detail}` : `${address} takes another protocol (${listener.kind}) than ${expected.label}`;
  return problem('ports', other, ownerRemedy(port));
}

function ownerRemedy(port: string): string {
  return `find who has the port with \`ss -ltnp 'sport = :${port}'\`; end it, or choose another port in receivers.otlp.protocols`;
}
