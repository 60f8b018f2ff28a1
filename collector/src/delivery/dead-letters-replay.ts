import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { decodeExportResponse } from '@signalbox/signals/otlp/response';
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

export interface ReplayOptions {
  /** Where OTLP over HTTP is taken: `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  readonly token: string | null;
  readonly timeoutMs: number;
}

/** What became of one letter. */
export interface Replayed {
  readonly id: string;
  readonly items: number;
  /** Null: it was accepted and is a dead letter no more. */
  readonly failure: string | null;
}

/**
 * Sends a letter's items again through the appliance's OTLP port, as if their sender had; every exporter of their pipelines gets
 * them. Once they are acknowledged the letter is removed. It has a batch id of its own, so that a replay whose answer was lost
 * appends nothing twice. Never rejects for what is expected of a network.
 */
export async function replayDeadLetter({ id, file, letter, problem }: FoundLetter, options: ReplayOptions): Promise<Replayed> {
  if (letter === null) return { id, items: 0, failure: problem };
  const items = letter.items.length;
  const headers: Record<string, string> = {
    'content-type': 'application/x-protobuf',
    'x-scope-orgid': letter.tenant,
    'signalbox-batch-id': createHash('sha256').update(`dead letter ${id}`).digest('base64url'),
    ...(options.token === null ? {} : { authorization: `Bearer ${options.token}` }),
  };
  try {
    const response = await fetch(new URL(`/v1/${letter.signal}`, options.endpoint), { method: 'POST', headers, body: Buffer.from(letter.otlp, 'base64'), redirect: 'manual', signal: AbortSignal.timeout(options.timeoutMs) });
    const body = new Uint8Array(await response.arrayBuffer());
    if (!response.ok) return { id, items, failure: `HTTP ${response.status}: ${Buffer.from(body).toString('utf8').replace(/[^\x20-\x7e]+/g, ' ').trim().slice(0, 300)}` };
    const partial = decodeExportResponse(body);
    if (partial !== null && partial.rejected > 0) return { id, items, failure: `${partial.rejected} of ${items} items were not accepted: ${partial.message}` };
  } catch (error) {
    if (error instanceof OtlpError) return { id, items, failure: `unreadable answer: ${error.message}` };
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    return { id, items, failure: [error instanceof Error ? error.message : String(error), cause].filter((text) => text !== '').join(': ') };
  }
  await rm(file, { force: true });
  return { id, items, failure: null };
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
