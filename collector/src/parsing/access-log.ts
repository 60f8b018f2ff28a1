import type { Fields } from './entry.js';
import type { LineParser } from './formats.js';

/**
 * The combined format of nginx and Apache, and the common one without its last two fields, under OpenTelemetry's names
 * (semantic conventions for HTTP):
 *
 *     ADDRESS IDENT USER [TIME] "METHOD TARGET PROTOCOL" STATUS BYTES "REFERRER" "USER AGENT" …
 */
export const parseAccessLog: LineParser = (line) => {
  const open = line.indexOf(' [');
  const close = line.indexOf('] "', open);
  if (open <= 0 || close < 0) return null;
  const head = line.slice(0, open).split(' ');
  if (head.length < 3 || head[0] === '') return null;
  const requestEnd = quoteEnd(line, close + 2);
  if (requestEnd < 0) return null;
  const rest = /^ (\d{3}) (\d+|-)(?: |$)/.exec(line.slice(requestEnd + 1, requestEnd + 40));
  if (!rest) return null;
  const fields: Fields = new Map([['client.address', head[0]!]]);
  set(fields, 'user.name', head.slice(2).join(' '));
  fields.set('time', line.slice(open + 2, close));
  const request = line.slice(close + 3, requestEnd);
  const parts = /^([A-Za-z]+) (\S+)(?: HTTP\/(\d(?:\.\d)?))?$/.exec(request);
  if (parts) {
    const [path, query] = cutAt(parts[2]!, '?');
    fields.set('http.request.method', parts[1]!);
    fields.set('url.path', path);
    if (query !== '') fields.set('url.query', query);
    if (parts[3] !== undefined) fields.set('network.protocol.version', parts[3]);
  } else {
    set(fields, 'http.request.line', request);
  }
  fields.set('http.response.status_code', BigInt(rest[1]!));
  if (rest[2] !== '-') fields.set('http.response.body.size', BigInt(rest[2]!));
  const referrerAt = requestEnd + 1 + rest[0].length;
  const referrerEnd = line[referrerAt] === '"' ? quoteEnd(line, referrerAt) : -1;
  if (referrerEnd > 0) {
    set(fields, 'http.request.header.referer', line.slice(referrerAt + 1, referrerEnd));
    const agentEnd = line.startsWith(' "', referrerEnd + 1) ? quoteEnd(line, referrerEnd + 2) : -1;
    if (agentEnd > 0) set(fields, 'user_agent.original', line.slice(referrerEnd + 3, agentEnd));
  }
  return fields;
};

/** Of the quote that opens at `open`; backslashes escape. */
function quoteEnd(line: string, open: number): number {
  for (let i = open + 1; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x22) return i;
  }
  return -1;
}

function cutAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function set(fields: Fields, key: string, value: string): void {
  if (value !== '-' && value !== '') fields.set(key, value);
}
