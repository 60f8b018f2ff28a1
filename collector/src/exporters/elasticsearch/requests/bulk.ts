import type { Client } from '@elastic/elasticsearch';
import type { RetryCause } from '../../outcome.js';
import type { Documents, Selection } from '../documents/documents.js';
import { AllCreated } from './all-created.js';
import { errorText, failureOf, failureOfStatus } from './client.js';

/** What became of one document. */
export type DocumentFate =
  | { readonly kind: 'created' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'retry'; readonly cause: RetryCause }
  | { readonly kind: 'rejected'; readonly reason: string };

export type BulkAnswer =
  | { readonly kind: 'created' }
  /** In the order of the documents. */
  | { readonly kind: 'items'; readonly fates: readonly DocumentFate[] }
  | { readonly kind: 'retry'; readonly cause: RetryCause }
  | { readonly kind: 'refused'; readonly reason: string };

/** The lines of some documents as they are sent. */
export interface BulkBody {
  readonly bytes: Buffer;
  readonly isGzip: boolean;
  /** Its memory is used again when it is given back. */
  readonly isLent: boolean;
}

/** Sends documents by `create`, which never overwrites: 409 says that the document is there. */
export async function bulkCreate(client: Client, documents: Documents, some: Selection, { bytes, isGzip }: Omit<BulkBody, 'isLent'>, signal: AbortSignal): Promise<BulkAnswer> {
  try {
    // The transport itself compresses at a level that costs several times as much.
    const answer: unknown = await client.transport.request(
      {
        method: 'POST', path: '/_bulk', bulkBody: bytes,
        querystring: { require_data_stream: documents.goToDataStreams(some), filter_path: 'errors,items.*.status,items.*.error' },
      },
      { signal, compression: false, ...(isGzip ? { headers: { 'content-encoding': 'gzip' } } : {}) },
    );
    if (answer instanceof AllCreated && answer.count === some.length) return { kind: 'created' };
    const fates = answer instanceof AllCreated ? Array.from({ length: answer.count }, () => STORED) : fatesOf(answer);
    if (fates.length !== some.length) return { kind: 'retry', cause: { reason: `answer about ${fates.length} of ${some.length} documents`, unknown: true } };
    return { kind: 'items', fates };
  } catch (error) {
    return failureOf(error);
  }
}

function fatesOf(answer: unknown): DocumentFate[] {
  const items = typeof answer === 'object' && answer !== null && 'items' in answer ? answer.items : null;
  // What a proxy answers in the server's name may be anything.
  const answers: readonly unknown[] = Array.isArray(items) ? items : [];
  return answers.map((answer): DocumentFate => {
    const created = typeof answer === 'object' && answer !== null && 'create' in answer ? (answer.create as { readonly status?: unknown; readonly error?: unknown } | null) : null;
    if (typeof created?.status !== 'number') return { kind: 'retry', cause: { reason: 'answer without a status', unknown: true } };
    return created.status === CREATED ? STORED : fateOf(created.status, created.error);
  });
}

/** Cuts documents into runs of at most so many bytes; a larger one is a run of its own. */
export function* requestsOf(documents: Documents, some: Selection, maxBytes: number): Generator<Selection> {
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < some.length; i++) {
    const size = documents.end(some[i]) - documents.start(some[i]);
    if (i > from && bytes + size > maxBytes) {
      yield some.subarray(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < some.length) yield some.subarray(from);
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
