import type { Client } from '@elastic/elasticsearch';
import { failureOf, type Failure } from './client.js';
import type { Documents, EsDocument } from '../documents/document.js';

const IDS_AT_ONCE = 1000;

/**
 * Which of the documents are in their data stream, whatever backing index they went to: `_id` is unique within one only,
 * so that after a rollover `create` would store a document again. Streams that `refreshes` names are refreshed first, since a search does
 * not see what came just now.
 */
export async function findStored(client: Client, { documents, body }: Pick<Documents, 'documents' | 'body'>, refreshes: (index: string) => boolean, signal: AbortSignal): Promise<{ readonly kind: 'found'; readonly stored: ReadonlySet<EsDocument> } | Failure> {
  const stored = new Set<EsDocument>();
  try {
    for (const [name, ofStream] of byIndex(documents)) {
      if (refreshes(name)) await client.indices.refresh({ index: name, ignore_unavailable: true, allow_no_indices: true }, { signal });
      for (let from = 0; from < ofStream.length; from += IDS_AT_ONCE) {
        const some = new Map(ofStream.slice(from, from + IDS_AT_ONCE).map((document) => [body.toString('latin1', document.idStart, document.idEnd), document] as const));
        const { hits } = await client.search(
          { index: name, ignore_unavailable: true, allow_no_indices: true, query: { ids: { values: [...some.keys()] } }, size: IDS_AT_ONCE, _source: false, track_total_hits: false, sort: ['_doc'], filter_path: ['hits.hits._id'] },
          { signal },
        );
        for (const { _id } of hits?.hits ?? []) {
          const document = _id === undefined ? undefined : some.get(_id);
          if (document !== undefined) stored.add(document);
        }
      }
    }
  } catch (error) {
    const failure = failureOf(error);
    // Asking stores nothing, so nothing is uncertain through it.
    return failure.kind === 'retry' ? { kind: 'retry', cause: { reason: `looking for stored documents: ${failure.cause.reason}`, unknown: true } } : failure;
  }
  return { kind: 'found', stored };
}

function byIndex(documents: readonly EsDocument[]): Map<string, EsDocument[]> {
  const groups = new Map<string, EsDocument[]>();
  for (const document of documents) {
    const name = document.index;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [document]);
    else group.push(document);
  }
  return groups;
}
