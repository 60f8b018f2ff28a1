import { endpointText, parseEndpoint } from '@signalbox/collector/config/endpoint';
import { isLoopbackHost } from '@signalbox/collector/security/loopback';
import type { Listener } from '../probe/endpoints.js';

export interface Place {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** The appliance that is asked. */
export interface AskedAppliance {
  readonly url: string;
  readonly listeners: readonly Listener[];
}

/**
 * Where a receiver that is configured to listen at `endpoint` is reached, or why that is not known. One that listens on all addresses is
 * reached where the appliance was; one that took a free port, where the appliance's status has the only listener of that name.
 */
export function reachedAt(endpoint: string, name: string, { url, listeners }: AskedAppliance): Place | { readonly reason: string } {
  const configured = parseEndpoint(endpoint);
  const named = listeners.filter((listener) => listener.name === name);
  const at = configured?.port !== 0 ? configured : named.length === 1 ? parseEndpoint(named[0]?.address ?? '') : null;
  if (at === null) return { reason: `which port it took for ${endpoint} is not known: GET /api/v1/status shows ${named.length} listeners ${name}` };
  const asked = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const here = isLoopbackHost(asked);
  if (at.host === undefined || at.host === '0.0.0.0' || at.host === '::') return { host: !here ? asked : at.host === '::' ? '::1' : '127.0.0.1', port: at.port };
  if (isLoopbackHost(at.host) && !here) return { reason: `it listens at ${endpointText(at.host, at.port)} alone, and the appliance runs on another machine` };
  return { host: at.host, port: at.port };
}
