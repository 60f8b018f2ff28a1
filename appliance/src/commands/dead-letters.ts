import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { listDeadLetters, purgeDeadLetters, replayDeadLetter, type FoundLetter, type Replayed } from '@signalbox/collector/delivery/dead-letters/dead-letters-replay';
import { logsToJson } from '@signalbox/signals/otlp/json/logs';
import { metricsToJson } from '@signalbox/signals/otlp/json/metrics';
import { tracesToJson } from '@signalbox/signals/otlp/json/traces';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { decodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { ApplianceError } from '../errors.js';
import { Caller, type CallerFiles } from '../probe/caller.js';
import { fetchStatus, urlOf } from '../probe/endpoints.js';
import { table } from './table.js';

interface Selection {
  readonly data: string;
  readonly exporter?: string;
  readonly json?: boolean;
}

const REASON_CHARACTERS = 80;
const TIMEOUT_MS = 30_000;

export async function list(options: Selection): Promise<void> {
  const letters = await listDeadLetters(dataDirectory(options.data), options.exporter);
  if (options.json) return print(letters.map(({ id, letter, problem }) => (letter === null ? { id, problem } : { id, time: letter.time, exporter: letter.exporter, tenant: letter.tenant, signal: letter.signal, items: letter.items })));
  if (letters.length === 0) return void process.stderr.write('There are no dead letters.\n');
  const rows = letters.map(({ id, letter, problem }) => (letter === null ? [id, '–', '–', '–', 0, `unreadable: ${problem ?? ''}`] : [id, letter.time, letter.tenant, letter.signal, letter.items.length, cut(letter.items[0]?.reason ?? '')]));
  process.stdout.write(table(['id', 'time', 'tenant', 'signal', 'items', 'why (the first)'], rows));
}

/** One letter whole: reasons, and the items as OTLP/JSON. */
export async function show(id: string, options: Selection): Promise<void> {
  const [found] = await chosen([id], options);
  const letter = found?.letter;
  if (letter === null || letter === undefined) throw new ApplianceError('SBX_DEAD_LETTERS_UNREADABLE', `${found?.file ?? id} cannot be read: ${found?.problem ?? ''}; \`signalbox dead-letters purge ${id}\` removes it`);
  const { otlp, samples: _samples, ...rest } = letter;
  const content = itemsJson(letter.signal, Buffer.from(otlp, 'base64'));
  if (options.json) return print({ id, ...rest, content });
  process.stdout.write(`${id}\n${letter.items.length} items of ${letter.signal}, tenant ${letter.tenant}, refused by ${letter.exporter} at ${letter.time}\n\n`);
  process.stdout.write(table(['item', 'why'], letter.items.map((item) => [item.id, item.reason])));
  process.stdout.write(`\n${JSON.stringify(content, null, 2)}\n`);
}

export async function replay(ids: readonly string[], options: Selection & { url: string; token?: string; all?: boolean } & CallerFiles): Promise<void> {
  const letters = await chosen(ids, options);
  const token = options.token ?? null;
  const caller = Caller.of(options, options.url);
  const endpoint = letters.length === 0 ? null : urlOf(await fetchStatus(options.url, token, TIMEOUT_MS, caller), 'otlp/http');
  if (letters.length > 0 && endpoint === null) throw new ApplianceError('SBX_DEAD_LETTERS_NO_WAY_IN', 'the appliance has no receiver for OTLP over HTTP that is ready; configure receivers.otlp.protocols.http, or look at GET /api/v1/status');
  const results: Replayed[] = [];
  for (const letter of letters) results.push(await replayDeadLetter(letter, { endpoint: endpoint ?? '', queryEndpoint: options.url, token, timeoutMs: TIMEOUT_MS, fetch: (url, request) => caller.fetch(url, request) }));
  const failed = results.filter(({ failure }) => failure !== null);
  if (options.json) print(results);
  else {
    for (const { id, failure } of failed) process.stderr.write(`${id}: ${failure ?? ''}\n`);
    process.stderr.write(`${results.length - failed.length} of ${results.length} dead letters were accepted again and removed.\n`);
  }
  if (failed.length > 0) process.exitCode = 1;
}

export async function purge(ids: readonly string[], options: Selection & { all?: boolean }): Promise<void> {
  const letters = await chosen(ids, options);
  await purgeDeadLetters(letters);
  if (options.json) print({ purged: letters.map(({ id }) => id) });
  else process.stderr.write(`${letters.length} dead letters were removed for good.\n`);
}

/** Those named, or with --all every one (of --exporter). */
async function chosen(ids: readonly string[], options: Selection & { all?: boolean }): Promise<FoundLetter[]> {
  const all = await listDeadLetters(dataDirectory(options.data), options.exporter);
  if (options.all === true) return all;
  if (ids.length === 0) throw new ApplianceError('SBX_DEAD_LETTERS_NONE_NAMED', 'name dead letters by their id (`signalbox dead-letters list` shows them), or give --all');
  const missing = ids.filter((id) => !all.some((each) => each.id === id));
  if (missing.length > 0) throw new ApplianceError('SBX_DEAD_LETTERS_UNKNOWN', `there is no dead letter ${missing.join(', ')}; \`signalbox dead-letters list\` shows them`);
  return all.filter(({ id }) => ids.includes(id));
}

function dataDirectory(data: string): string {
  const dir = resolve(data);
  if (!existsSync(dir)) throw new ApplianceError('SBX_DEAD_LETTERS_NO_DATA', `${dir} does not exist; give the appliance's data directory with --data or SIGNALBOX_DATA`);
  return dir;
}

function itemsJson(signal: 'traces' | 'logs' | 'metrics', bytes: Uint8Array): object {
  switch (signal) {
    case 'traces':
      return tracesToJson(decodeTraces(bytes));
    case 'logs':
      return logsToJson(decodeLogs(bytes));
    case 'metrics':
      return metricsToJson(decodeMetrics(bytes));
  }
}

function cut(text: string): string {
  return text.length > REASON_CHARACTERS ? `${text.slice(0, REASON_CHARACTERS)}…` : text;
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
