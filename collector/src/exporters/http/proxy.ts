import { isIP, BlockList } from 'node:net';

/** The variables that tell programs about proxies; lower-case names come first, as in curl. */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, or null. `proxyUrl` is the setting and stands for every destination; without it HTTPS_PROXY, HTTP_PROXY and
 * NO_PROXY hold, and never for loopback.
 */
export function proxyFor(url: URL, proxyUrl: string | undefined, environment: ProxyEnvironment): URL | null {
  if (proxyUrl !== undefined) return new URL(proxyUrl);
  const read = (name: string): string => environment[name.toLowerCase()] ?? environment[name] ?? '';
  const text = read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY').trim();
  if (text === '' || isLoopback(url.hostname) || isExempt(url, read('NO_PROXY'))) return null;
  const whole = text.includes('://') ? text : `http://${text}`;
  return URL.canParse(whole) ? new URL(whole) : null;
}

/** What a proxy wants to know of who asks, where its URL has a user. */
export function proxyAuthorization(proxy: URL): Readonly<Record<string, string>> {
  if (proxy.username === '') return {};
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` };
}

/** NO_PROXY: `*`, hosts (with all below them), `.domain`, addresses, networks in CIDR; each also with a port. */
function isExempt(url: URL, list: string): boolean {
  const host = bareHost(url.hostname);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    if (entry.includes('/')) return isInNetwork(host, entry);
    const [, name = '', onlyPort] = /^(\[[^\]]*\]|[^:]*|[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*)(?::(\d+))?$/i.exec(entry) ?? [];
    if (onlyPort !== undefined && onlyPort !== port) return false;
    const domain = bareHost(name).toLowerCase().replace(/^\*?\./, '');
    return domain !== '' && (host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`)));
  });
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', prefix = ''] = network.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(address, Number(prefix), kind);
  return list.check(host, kind);
}

function isLoopback(hostname: string): boolean {
  const host = bareHost(hostname);
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(host);
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '').toLowerCase();
}
