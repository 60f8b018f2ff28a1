import type { Client } from '@elastic/elasticsearch';
import { gzipped } from '../../http/compression.js';
import type { RetryCause } from '../../outcome.js';
import { errorText, failureOf, failureOfStatus } from './client.js';
import type { EsDocument } from '../documents/document.js';

/** What became of one document. */
export type DocumentFate =
  | { readonly kind: 'created' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'retry'; readonly cause: RetryCause }
  | { readonly kind: 'rejected'; readonly reason: string };

export type BulkAnswer =
  /** In the order of the documents. */
  | { readonly kind: 'items'; readonly fates: readonly DocumentFate[] }
  | { readonly kind: 'retry'; readonly cause: RetryCause }
  | { readonly kind: 'refused'; readonly reason: string };

export interface BulkOptions {
  /** Null: not compressed. */
  readonly gzipLevel: number | null;
  readonly signal: AbortSignal;
}

/** Sends documents by `create`, which never overwrites: 409 says that the document is there. */
export async function bulkCreate(client: Client, documents: readonly EsDocument[], body: Buffer, { gzipLevel, signal }: BulkOptions): Promise<BulkAnswer> {
  const lines = linesOf(documents, body);
  try {
    // The transport itself compresses at a level that costs several times as much.
    const answer: unknown = await client.transport.request(
      {
        method: 'POST', path: '/_bulk', bulkBody: gzipLevel === null ? lines : await gzipped(lines, gzipLevel),
        querystring: { require_data_stream: documents.every(({ isDataStream }) => isDataStream), filter_path: 'errors,items.*.status,items.*.error' },
      },
      { signal, compression: false, ...(gzipLevel === null ? {} : { headers: { 'content-encoding': 'gzip' } }) },
    );
    const items = typeof answer === 'object' && answer !== null && 'items' in answer ? answer.items : null;
    // What a proxy answers in the server's name may be anything.
    const answers: readonly unknown[] = Array.isArray(items) ? items : [];
    const fates = answers.map((answer): DocumentFate => {
      const created = typeof answer === 'object' && answer !== null && 'create' in answer ? (answer.create as { readonly status?: unknown; readonly error?: unknown } | null) : null;
      if (typeof created?.status !== 'number') return { kind: 'retry', cause: { reason: 'answer without a status', unknown: true } };
      return created.status === CREATED ? STORED : fateOf(created.status, created.error);
    });
    if (fates.length !== documents.length) return { kind: 'retry', cause: { reason: `answer about ${fates.length} of ${documents.length} documents`, unknown: true } };
    return { kind: 'items', fates };
  } catch (error) {
    return failureOf(error);
  }
}

/** The lines of the documents: mostly all that stand between the first and the last. */
function linesOf(documents: readonly EsDocument[], body: Buffer): Buffer {
  const runs: Buffer[] = [];
  for (let i = 0; i < documents.length; ) {
    const { start } = documents[i];
    let { end } = documents[i++];
    for (; i < documents.length && documents[i].start === end; i++) end = documents[i].end;
    runs.push(body.subarray(start, end));
  }
  return runs.length === 1 ? runs[0] : Buffer.concat(runs);
}

/** Cuts documents into runs of at most so many bytes; a larger one is a run of its own. */
export function* requestsOf(documents: readonly EsDocument[], maxBytes: number): Generator<readonly EsDocument[]> {
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < documents.length; i++) {
    const size = documents[i].end - documents[i].start;
    if (i > from && bytes + size > maxBytes) {
      yield documents.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < documents.length) yield from === 0 ? documents : documents.slice(from);
}

const CREATED = 201;
const CONFLICT = 409;
const STORED: DocumentFate = { kind: 'created' };

export function fateOf(status: number, error: unknown): DocumentFate {
  if (status >= 200 && status < 300) return STORED;
  if (status === CONFLICT) return { kind: 'duplicate' };
  const reason = errorText(error) || `status ${status}`;
  const failure = failureOfStatus(status, reason, true);
  return failure.kind === 'retry' ? failure : { kind: 'rejected', reason };
}
