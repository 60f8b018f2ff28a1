import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { decodeExportResponse } from '@signalbox/signals/otlp/response';
import { snappyBlock } from '../../exporters/snappy.js';
import { deadLetterNames, deadLettersDir, parseDeadLetter, type DeadLetter } from './dead-letters-file.js';

/** A letter in its place. */
export interface FoundLetter {
  /** `<exporter>/<file>`, as commands name it. */
  readonly id: string;
  readonly file: string;
  /** Null where the file cannot be read, with `problem`. */
  readonly letter: DeadLetter | null;
  readonly problem: string | null;
}

/** Letters of one exporter, or all, oldest first within each. @throws the file system's errors, but not that there are none */
export async function listDeadLetters(dataDir: string, exporter?: string): Promise<FoundLetter[]> {
  const found: FoundLetter[] = [];
  for (const folder of await foldersOf(dataDir, exporter)) {
    const dir = join(deadLettersDir(dataDir), folder);
    for (const name of await deadLetterNames(dir)) {
      const file = join(dir, name);
      const id = `${decodeURIComponent(folder)}/${name.replace(/\.json$/, '')}`;
      try {
        found.push({ id, file, letter: parseDeadLetter(await readFile(file, 'utf8')), problem: null });
      } catch (error) {
        // Replayed or purged by somebody else in between.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        found.push({ id, file, letter: null, problem: error instanceof Error ? error.message : String(error) });
      }
    }
  }
  return found;
}

export type ReplayFetch = (url: URL, request: { readonly method: string; readonly headers: Record<string, string>; readonly body: Uint8Array<ArrayBuffer>; readonly redirect: 'manual'; readonly signal: AbortSignal }) => Promise<Response>;

export interface ReplayOptions {
  /** Where OTLP over HTTP is taken: `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  /** The query port, which takes remote write as well: `http://127.0.0.1:4319`. Without it Prometheus samples go as OTLP. */
  readonly queryEndpoint?: string;
  readonly token: string | null;
  readonly timeoutMs: number;
  /** In place of the global one, which knows no certificates of one's own. */
  readonly fetch?: ReplayFetch;
}

/** What became of one letter. */
export interface Replayed {
  readonly id: string;
  readonly items: number;
  /** Null: it was accepted and is a dead letter no more. */
  readonly failure: string | null;
}

/**
 * Sends a letter's items again as if their sender had: Prometheus samples by remote write, where somebody takes that, all else through
 * the appliance's OTLP port; every exporter of the receiver's pipelines gets them. Once they are acknowledged the letter is removed.
 * It has a batch id of its own, so that a replay whose answer was lost appends nothing twice. Never rejects for what is expected of a
 * network.
 */
export async function replayDeadLetter({ id, file, letter, problem }: FoundLetter, options: ReplayOptions): Promise<Replayed> {
  if (letter === null) return { id, items: 0, failure: problem };
  const items = letter.items.length;
  let failure: string | null;
  try {
    failure = (await replayAsSamples(letter, options)) ?? (await replayAsOtlp(id, letter, options));
  } catch (error) {
    if (error instanceof OtlpError) return { id, items, failure: `unreadable answer: ${error.message}` };
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    return { id, items, failure: [error instanceof Error ? error.message : String(error), cause].filter((text) => text !== '').join(': ') };
  }
  if (failure === ACCEPTED) await rm(file, { force: true });
  return { id, items, failure: failure === ACCEPTED ? null : failure };
}

const ACCEPTED = '';
const NOT_FOUND = 404;

/** Why it was not accepted, '' where it was; null where the letter holds no samples, or no receiver for them is configured. */
async function replayAsSamples(letter: DeadLetter, { queryEndpoint, token, timeoutMs, fetch: send }: ReplayOptions): Promise<string | null> {
  if (letter.samples === undefined || queryEndpoint === undefined) return null;
  const headers = { ...headersOf(letter, token), 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '2.0.0' };
  const answer = await post(new URL('/prometheus/api/v1/write', queryEndpoint), headers, await snappyBlock(Buffer.from(letter.samples, 'base64')), timeoutMs, send);
  if (answer.status === NOT_FOUND) return null;
  return answer.ok ? ACCEPTED : refusalOf(answer);
}

async function replayAsOtlp(id: string, letter: DeadLetter, { endpoint, token, timeoutMs, fetch: send }: ReplayOptions): Promise<string> {
  const batchId = createHash('sha256').update(`dead letter ${id}`).digest('base64url');
  const headers = { ...headersOf(letter, token), 'content-type': 'application/x-protobuf', 'signalbox-batch-id': batchId };
  const answer = await post(new URL(`/v1/${letter.signal}`, endpoint), headers, Buffer.from(letter.otlp, 'base64'), timeoutMs, send);
  if (!answer.ok) return refusalOf(answer);
  const partial = decodeExportResponse(answer.body);
  return partial !== null && partial.rejected > 0 ? `${partial.rejected} of ${letter.items.length} items were not accepted: ${partial.message}` : ACCEPTED;
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly body: Uint8Array;
}

async function post(url: URL, headers: Record<string, string>, body: Buffer, timeoutMs: number, send: ReplayFetch = fetch): Promise<Answer> {
  const response = await send(url, { method: 'POST', headers, body: body as Uint8Array<ArrayBuffer>, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
  return { ok: response.ok, status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
}

function headersOf({ tenant }: DeadLetter, token: string | null): Record<string, string> {
  return { 'x-scope-orgid': tenant, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
}

function refusalOf({ status, body }: Answer): string {
  return `HTTP ${status}: ${Buffer.from(body).toString('utf8').replace(/[^\x20-\x7e]+/g, ' ').trim().slice(0, 300)}`;
}

/** Removes letters for good. @throws the file system's errors */
export async function purgeDeadLetters(letters: readonly FoundLetter[]): Promise<void> {
  for (const { file } of letters) await rm(file, { force: true });
}

async function foldersOf(dataDir: string, exporter: string | undefined): Promise<string[]> {
  if (exporter !== undefined) return [encodeURIComponent(exporter)];
  try {
    const entries = await readdir(deadLettersDir(dataDir), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && /^(?:[^%]|%[0-9A-F]{2})+$/.test(entry.name)).map(({ name }) => name).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
