import type { Client } from '@elastic/elasticsearch';
import { failureOf, type Failure } from './client.js';
import type { Documents, Selection } from '../documents/documents.js';

const IDS_AT_ONCE = 1000;

/**
 * Which of the documents are in their data stream, whatever backing index they went to: `_id` is unique within one only,
 * so that after a rollover `create` would store a document again. Streams that `refreshes` names are refreshed first, since a search does
 * not see what came just now.
 */
export async function findStored(client: Client, documents: Documents, asked: Selection, refreshes: (index: string) => boolean, signal: AbortSignal): Promise<{ readonly kind: 'found'; readonly stored: ReadonlySet<number> } | Failure> {
  const stored = new Set<number>();
  try {
    for (const [name, ofStream] of byIndex(documents, asked)) {
      if (refreshes(name)) await client.indices.refresh({ index: name, ignore_unavailable: true, allow_no_indices: true }, { signal });
      for (let from = 0; from < ofStream.length; from += IDS_AT_ONCE) {
        const some = new Map(ofStream.slice(from, from + IDS_AT_ONCE).map((document) => [documents.id(document), document] as const));
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

function byIndex(documents: Documents, some: Selection): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const document of some) {
    const name = documents.index(document);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [document]);
    else group.push(document);
  }
  return groups;
}
