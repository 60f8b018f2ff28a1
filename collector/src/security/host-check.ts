import { isLoopbackHost } from './loopback.js';

export interface HostPolicy {
  /** Names besides loopback's own, without port: `signalbox.example.org`; `*` for any. */
  readonly allowedHosts: readonly string[];
  /** Origins of other pages that may call: `https://app.example.org`; `https://*.example.org`; `*` for any. */
  readonly allowedOrigins: readonly string[];
}

export interface HostRefusal {
  readonly code: 'SBX_HTTP_HOST' | 'SBX_HTTP_ORIGIN';
  readonly reason: string;
}

/**
 * Whether a request was meant for this server. A page anywhere can point a name of its own at 127.0.0.1 (DNS rebinding) and
 * then call as if it were at home; its Host header gives it away. So Host must be a loopback name or address, at any port, or be
 * allowed; Origin, if there is one, must be the same host and port, or be allowed. Answers null when all is well.
 */
export function checkHost(host: string | undefined, origin: string | undefined, policy: HostPolicy): HostRefusal | null {
  const name = host === undefined ? null : hostName(host);
  if (name === null) return { code: 'SBX_HTTP_HOST', reason: 'the Host header is missing or malformed' };
  if (!isLoopbackHost(name) && !policy.allowedHosts.some((allowed) => allowed === '*' || allowed.toLowerCase() === name)) {
    return { code: 'SBX_HTTP_HOST', reason: `the host '${printable(name)}' is not served here: use localhost, or add the name to allowed_hosts` };
  }
  if (origin !== undefined && !isSameHost(origin, host) && !isAllowedOrigin(origin, policy.allowedOrigins)) {
    return { code: 'SBX_HTTP_ORIGIN', reason: `the origin '${printable(origin)}' may not call: add it to allowed_origins` };
  }
  return null;
}

/** `*` in a pattern stands for any run of characters within the origin. */
export function isAllowedOrigin(origin: string, patterns: readonly string[]): boolean {
  const wanted = origin.toLowerCase();
  return patterns.some((pattern) => matches(wanted, pattern.toLowerCase()));
}

/** Linear for the one wildcard that an origin's pattern needs; more are taken in order, greedily from the left. */
function matches(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return text === pattern;
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

/** The name in `name:port`, `[::1]:port`; null when it is neither. */
function hostName(host: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:/@\\?#[\]]+)(?::\d{1,5})?$/i.exec(host);
  return match ? match[1]!.toLowerCase() : null;
}

function isSameHost(origin: string, host: string | undefined): boolean {
  const match = /^https?:\/\/([^/]+)$/i.exec(origin);
  return match !== null && host !== undefined && match[1]!.toLowerCase() === host.toLowerCase();
}

function printable(text: string): string {
  return text.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
}
