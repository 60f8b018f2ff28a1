import type { Logger } from '../component.js';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'off'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  /** Lines below it are left out. Default: info. */
  readonly level?: LogLevel;
  /** Who speaks: a role or a component. */
  readonly name?: string;
  /** Default: standard error. */
  readonly stream?: LogStream;
  /** Default: text on a terminal, else one JSON object a line. */
  readonly format?: 'json' | 'text';
  /** Milliseconds of Unix time, for the `time` field. */
  readonly nowMs?: () => number;
}

export interface LogStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface NamedLogger extends Logger {
  /** The same stream and level under `name`. */
  child(name: string): NamedLogger;
}

/** Keys whose values never reach a log, wherever they stand. */
const SECRET_KEY = /pass(word|wd|phrase)?$|secret|token|authorization|api[-_]?key|credential|cookie|private[-_]?key/i;
const REDACTED = '[redacted]';
const MAX_DEPTH = 6;
const MAX_TEXT = 4096;

export function createLogger(options: LoggerOptions = {}): NamedLogger {
  const stream = options.stream ?? process.stderr;
  const format = options.format ?? (stream.isTTY ? 'text' : 'json');
  const threshold = LOG_LEVELS.indexOf(options.level ?? 'info');
  const nowMs = options.nowMs ?? Date.now;

  const named = (name: string | undefined): NamedLogger => {
    const write = (level: LogLevel, message: string, fields: Record<string, unknown> = {}): void => {
      if (LOG_LEVELS.indexOf(level) < threshold) return;
      const time = new Date(nowMs()).toISOString();
      const safe = redact(fields, 0);
      stream.write(format === 'json' ? jsonLine(time, level, name, message, safe) : textLine(time, level, name, message, safe));
    };
    return {
      debug: (message, fields) => write('debug', message, fields),
      info: (message, fields) => write('info', message, fields),
      warn: (message, fields) => write('warn', message, fields),
      error: (message, fields) => write('error', message, fields),
      child: named,
    };
  };
  return named(options.name);
}

function jsonLine(time: string, level: string, name: string | undefined, message: string, fields: unknown): string {
  const own = typeof fields === 'object' && fields !== null ? fields : {};
  return `${JSON.stringify({ time, level, ...(name === undefined ? {} : { name }), message, ...own })}\n`;
}

function textLine(time: string, level: string, name: string | undefined, message: string, fields: unknown): string {
  const own = typeof fields === 'object' && fields !== null ? Object.entries(fields) : [];
  const tail = own.map(([key, value]) => ` ${key}=${typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`).join('');
  return `${time.slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${name === undefined ? '' : `${name}: `}${message}${tail}\n`;
}

/** A copy that JSON can hold, without secrets, endless text or endless depth. */
function redact(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}… (${value.length} characters)` : value;
  if (value instanceof Error) return describeError(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[…]';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  const entries: (readonly [string, unknown])[] = Object.entries(value).map(([key, item]) => [key, SECRET_KEY.test(key) ? REDACTED : redact(item, depth + 1)]);
  return Object.fromEntries(entries);
}

function describeError(error: Error): Record<string, unknown> {
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { error: `${error.name}: ${error.message}`.slice(0, MAX_TEXT), ...code, ...(error.stack ? { stack: error.stack.slice(0, MAX_TEXT) } : {}) };
}
