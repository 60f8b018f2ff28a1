import type { Client } from '@elastic/elasticsearch';
import type { RetryCause } from '../outcome.js';
import { errorText, failureOf, failureOfStatus } from './client.js';
import type { EsDocument } from './document.js';

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

/** Sends documents by `create`, which never overwrites: 409 says that the document is there. */
export async function bulkCreate(client: Client, documents: readonly EsDocument[], signal: AbortSignal): Promise<BulkAnswer> {
  const operations = documents.flatMap((document) => [actionText(document), document.source]);
  try {
    const { items } = await client.bulk<string>(
      { operations, require_data_stream: documents.every(({ isDataStream }) => isDataStream), filter_path: ['errors', 'items.*.status', 'items.*.error'] },
      { signal },
    );
    // What a proxy answers in the server's name may be anything.
    const answers: readonly unknown[] = Array.isArray(items) ? items : [];
    const fates = answers.map((answer): DocumentFate => {
      const created = typeof answer === 'object' && answer !== null && 'create' in answer ? (answer.create as { readonly status?: unknown; readonly error?: unknown } | null) : null;
      if (typeof created?.status !== 'number') return { kind: 'retry', cause: { reason: 'answer without a status', unknown: true } };
      return fateOf(created.status, created.error);
    });
    if (fates.length !== documents.length) return { kind: 'retry', cause: { reason: `answer about ${fates.length} of ${documents.length} documents`, unknown: true } };
    return { kind: 'items', fates };
  } catch (error) {
    return failureOf(error);
  }
}

/** Cuts documents into runs of at most so many bytes; a larger one is a run of its own. */
export function* requestsOf(documents: readonly EsDocument[], maxBytes: number): Generator<readonly EsDocument[]> {
  let from = 0;
  let bytes = 0;
  for (const [i, document] of documents.entries()) {
    const size = Buffer.byteLength(document.source) + ACTION_BYTES;
    if (i > from && bytes + size > maxBytes) {
      yield documents.slice(from, i);
      from = i;
      bytes = 0;
    }
    bytes += size;
  }
  if (from < documents.length) yield documents.slice(from);
}

const ACTION_BYTES = 120;
const CONFLICT = 409;

function actionText({ index, id, dynamicTemplates }: EsDocument): string {
  return JSON.stringify({
    create: { _index: index, ...(id === null ? {} : { _id: id }), ...(dynamicTemplates === undefined ? {} : { dynamic_templates: dynamicTemplates }) },
  });
}

export function fateOf(status: number, error: unknown): DocumentFate {
  if (status >= 200 && status < 300) return { kind: 'created' };
  if (status === CONFLICT) return { kind: 'duplicate' };
  const reason = errorText(error) || `status ${status}`;
  const failure = failureOfStatus(status, reason, true);
  return failure.kind === 'retry' ? failure : { kind: 'rejected', reason };
}
