import type { RetryCause } from '../outcome.js';
import type { HttpResponse } from './client.js';
import type { NoAnswer } from './failure.js';
import { retryAfterMs } from './retry-after.js';

/** What an answer means for the items of its request. */
export type Verdict =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'retry'; readonly cause: RetryCause }
  /** The content is at fault and will be refused again. */
  | { readonly kind: 'refused'; readonly reason: string };

const MAX_REASON_CHARACTERS = 500;

/**
 * 2xx accepts. 400, 409, 413, 415, 422 and the like speak about the content. All else may change without it: overload and
 * failures of the server, and also a missing permission or a wrong path, which a person mends while the data waits.
 */
export function verdictOf(response: HttpResponse, nowMs: number): Verdict {
  const { status } = response;
  if (status >= 200 && status < 300) {
    if (!isPage(response)) return { kind: 'accepted' };
    return { kind: 'retry', cause: { reason: `HTTP ${status} with a page for people instead of an answer (check the path of the exporter's endpoint, and proxies on the way)` } };
  }
  const said = bodyText(response);
  const reason = `HTTP ${status}${said === '' ? '' : `: ${said}`}`;
  if (isAboutContent(status)) return { kind: 'refused', reason };
  const afterMs = retryAfterMs(response.headers['retry-after'], nowMs);
  const remedy = status >= 300 && status < 400 ? redirected(response) : REMEDIES[status];
  return { kind: 'retry', cause: { reason: remedy === undefined ? reason : `${reason} (${remedy})`, ...(afterMs === undefined ? {} : { afterMs }) } };
}

export function causeOf(failure: NoAnswer): RetryCause {
  return { reason: failure.message, ...(failure.mayHaveArrived ? { unknown: true } : {}) };
}

/** No API answers with HTML: it is a page for a login, of a proxy, or of another server. */
function isPage({ headers }: HttpResponse): boolean {
  return /^text\/html\b/i.test(headers['content-type'] ?? '');
}

/** What the server said, for people: one line, cut to a readable length. */
function bodyText(response: HttpResponse): string {
  return oneLine(response.body.toString('utf8'));
}

export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_REASON_CHARACTERS ? `${line.slice(0, MAX_REASON_CHARACTERS)}…` : line;
}

const WAITING: ReadonlySet<number> = new Set([401, 402, 403, 404, 405, 407, 408, 421, 423, 424, 425, 426, 429]);

function isAboutContent(status: number): boolean {
  return status >= 400 && status < 500 && !WAITING.has(status);
}

/** A redirect would take data, and credentials with it, to where nobody has said that it should go. */
function redirected({ headers }: HttpResponse): string {
  const { location } = headers;
  return `redirects are not followed: ${location === undefined ? 'check the exporter\'s endpoint' : `if ${oneLine(location)} is right, make it the exporter's endpoint`}`;
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: 'give credentials in the exporter\'s auth or headers',
  403: 'the exporter\'s credentials do not permit this',
  404: 'check the path of the exporter\'s endpoint',
  407: 'the proxy wants credentials: give them in its URL',
  405: 'check the path of the exporter\'s endpoint',
};
