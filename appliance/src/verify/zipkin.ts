import { endpointText } from '@signalbox/collector/config/endpoint';
import type { LoadedConfig } from '@signalbox/collector/config/loaded';
import type { ZipkinReceiverConfig } from '@signalbox/collector/receivers/zipkin/config';
import { zipkin } from '@signalbox/collector/receivers/zipkin/index';
import { authorization } from '../probe/endpoints.js';
import { usedReceivers, type ConfiguredWays } from './configured.js';
import { VERIFY_SERVICE, type Marked } from './marked.js';
import { reachedAt, type AskedAppliance } from './reached-at.js';
import type { WayIn } from './ways-in.js';

const LISTENER = 'zipkin/json';
const PATH = '/api/v2/spans';

/** A marked span for each `zipkin` receiver: of the configuration, or, without one, of those that the appliance says are listening. */
export function zipkinWays(config: LoadedConfig | null, appliance: AskedAppliance): ConfiguredWays {
  const found = config === null
    ? appliance.listeners.filter(({ name }) => name === LISTENER).map(({ address, tls }) => ({ receiver: undefined, label: address, endpoint: address, tls: tls === true }))
    : usedReceivers(config, zipkin.type).map(({ id, config: settings }) => {
      const { endpoint, tls } = settings as ZipkinReceiverConfig;
      return { receiver: id, label: id, endpoint, tls: tls !== undefined };
    });
  const ways: WayIn[] = [];
  const notes: string[] = [];
  for (const { receiver, label, endpoint, tls } of found) {
    const place = reachedAt(endpoint, LISTENER, appliance);
    if ('reason' in place) notes.push(`${label} gets no span: ${place.reason}`);
    else ways.push(wayTo(`${tls ? 'https' : 'http'}://${endpointText(place.host, place.port)}${PATH}`, found.length > 1 ? `Zipkin (${label})` : 'Zipkin', receiver));
  }
  return { ways, notes };
}

function wayTo(url: string, name: string, receiver: string | undefined): WayIn {
  return {
    name,
    signals: ['traces'],
    kind: zipkin.type,
    ...(receiver === undefined ? {} : { receiver }),
    async send(marked, _signal, { token, timeoutMs, caller }) {
      const body = new Uint8Array(Buffer.from(JSON.stringify([spanOf(marked)])));
      const response = await caller.fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...authorization(token) }, body, signal: AbortSignal.timeout(timeoutMs) });
      if (!response.ok) throw new Error(`${url} answered HTTP ${response.status}: ${(await response.text()).slice(0, 300)}`);
    },
  };
}

/** Times of Zipkin are in microseconds, and its tags are text. */
function spanOf({ traceId, spanId, marker, nowNs }: Marked): unknown {
  return {
    traceId, id: spanId, name: 'verify', kind: 'SERVER', timestamp: Number(nowNs / 1000n) - 1000, duration: 1000,
    localEndpoint: { serviceName: VERIFY_SERVICE }, tags: { 'verify.marker': marker, 'sampling.priority': '1' },
  };
}
