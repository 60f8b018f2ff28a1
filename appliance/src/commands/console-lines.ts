import { parseEndpoint } from '@signalbox/collector/config/endpoint';
import { isLoopbackHost } from '@signalbox/collector/security/loopback';
import type { Endpoint } from '../launcher/messages.js';
import { httpUrl } from '../probe/http-url.js';

/**
 * Where console and APIs are found, an address that works first; where they listen for other machines, how those get an answer.
 * @param own name or address of this machine as others may know it
 */
export function consoleLines({ address, tls, allowedHosts = [] }: Endpoint, own: string): readonly string[] {
  const { host = '0.0.0.0', port = 0 } = parseEndpoint(address) ?? {};
  const here = httpUrl(address, tls);
  if (isLoopbackHost(host)) return [here];
  const onAll = host === '0.0.0.0' || host === '::';
  const self = onAll ? own : address.slice(0, -`:${port}`.length);
  const names = allowedHosts.includes('*') ? [self] : allowedHosts.filter((name) => !isLoopbackHost(name));
  if (names.length === 0) {
    const who = onAll ? 'Other machines get' : 'Every request gets';
    return [here, `${who} 403 until serve.allowed_hosts (SIGNALBOX_SERVE_ALLOWED_HOSTS) has the host in the address asked for, such as ${self}`];
  }
  const urls = names.map((name) => httpUrl(`${name}:${port}`, tls));
  return onAll ? [here, `from other machines ${urls.join(', ')}`] : [urls.join(', ')];
}
