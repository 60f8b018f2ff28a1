import { closeSync, openSync, writeSync } from 'node:fs';
import { jsonLine } from './json-lines.js';
import { Random } from './random.js';

/** A format that lines are written in, and how `filelog` is told to read them. */
export interface LogFormat {
  readonly settings: Readonly<Record<string, string>>;
  /** One record's line or lines, without the last newline. */
  readonly line: (random: Random, i: number) => string;
}

const LEVELS = ['debug', 'info', 'info', 'info', 'warn', 'error'];
const PATHS = ['/', '/api/v1/orders?page=2&sort=%20a', '/static/app.js', '/größe', '/api/v1/products/search?q=a+b', '/healthz'];
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'curl/8.5.0', 'kube-probe/1.31', '-', 'Go-http-client/2.0 \\"quoted\\"'];
const MESSAGES = ['order placed', 'payment authorised by provider', 'retry after timeout', 'größer als erwartet', 'connection reset by peer', 'cache miss for key user:17'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** Times go on by 3 ms from line to line. */
const timeOf = (i: number): string => new Date(1_795_000_000_000 + i * 3).toISOString();
const address = (random: Random): string => (random.below(5) === 0 ? `2001:db8::${random.below(65_536).toString(16)}` : `203.0.113.${random.below(256)}`);

function accessTime(i: number): string {
  const time = timeOf(i);
  return `${time.slice(8, 10)}/${MONTHS[Number(time.slice(5, 7)) - 1]}/${time.slice(0, 4)}:${time.slice(11, 19)} ${['+0000', '+0100', '-0730'][i % 3]}`;
}

function common(random: Random, i: number): string {
  const request = random.below(200) === 0 ? random.below(2) === 0 ? '\\x16\\x03\\x01\\x02' : '' : `${random.below(4) === 0 ? 'POST' : 'GET'} ${random.pick(PATHS)} HTTP/${random.below(2) === 0 ? '1.1' : '2.0'}`;
  return `${address(random)} - ${random.below(10) === 0 ? `user ${random.below(100)}` : '-'} [${accessTime(i)}] "${request}" ${request.startsWith('\\') ? 400 : random.pick([200, 200, 201, 304, 404, 500])} ${random.below(20) === 0 ? '-' : random.below(100_000)}`;
}

const combined = (random: Random, i: number): string => `${common(random, i)} "${random.below(3) === 0 ? 'https://shop.example/a?b=c' : '-'}" "${random.pick(AGENTS)}"`;

function logfmt(random: Random, i: number): string {
  return `${random.below(2) === 0 ? 'time' : 'ts'}=${timeOf(i)} level=${random.pick(LEVELS)} caller=server/mux.go:${random.below(500)} msg="${random.pick(MESSAGES)}${random.below(50) === 0 ? ' \\"x\\" = {y}' : ''}" took=${random.below(1000)}ms status=${random.pick([200, 404, 500])}${random.below(10) === 0 ? ' tls' : ''}`;
}

const wrapped = (random: Random, i: number): string => (random.below(3) === 0 ? jsonLine(random, i).trimEnd() : random.below(2) === 0 ? logfmt(random, i) : random.pick(MESSAGES));

function cri(random: Random, i: number): string {
  const head = `${timeOf(i).replace('Z', '456789Z')} ${random.below(5) === 0 ? 'stderr' : 'stdout'}`;
  const text = wrapped(random, i);
  // A runtime cuts what is long.
  return random.below(100) === 0 ? `${head} P ${text.slice(0, 20)}\n${head} F ${text.slice(20)}` : `${head} F ${text}`;
}

const docker = (random: Random, i: number): string => JSON.stringify({ log: `${wrapped(random, i)}\n`, stream: 'stdout', time: timeOf(i).replace('Z', '456789Z') });

function bracketed(random: Random, i: number): string {
  const time = timeOf(i);
  return `${time.slice(0, 10)} ${time.slice(11, 19)},${time.slice(20, 23)} [${random.pick(LEVELS).toUpperCase()}] a.b.C${random.below(100)}: ${random.pick(MESSAGES)}`;
}

export const BRACKETED = '^(?P<time>\\S+ \\S+) \\[(?P<level>\\w+)\\] (?P<logger>[\\w.]+): (?P<msg>.*)$';

/** Lines as programs write them, with what is unusual among them. */
export const LOG_FORMATS: Readonly<Record<string, LogFormat>> = {
  json: { settings: { parse: 'json' }, line: (random, i) => jsonLine(random, i).trimEnd() },
  logfmt: { settings: { parse: 'logfmt' }, line: logfmt },
  nginx: { settings: { parse: 'nginx' }, line: combined },
  apache: { settings: { parse: 'apache' }, line: common },
  cri: { settings: { parse: 'cri' }, line: cri },
  docker: { settings: { parse: 'cri' }, line: docker },
  regex: { settings: { parse: 'regex', pattern: BRACKETED }, line: bracketed },
  mixed: { settings: { parse: 'auto' }, line: (random, i) => random.pick([cri, docker, combined, logfmt])(random, i) },
};

/** Writes so many records into a file; repeats give the same bytes. */
export function writeLogLines(path: string, { line }: LogFormat, count: number): void {
  const random = new Random(4);
  const fd = openSync(path, 'w');
  try {
    for (let at = 0; at < count; at += 1000) writeSync(fd, Array.from({ length: Math.min(1000, count - at) }, (_, i) => `${line(random, at + i)}\n`).join(''));
  } finally {
    closeSync(fd);
  }
}
