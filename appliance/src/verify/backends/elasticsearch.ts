import type { Clock } from '@signalbox/collector/component';
import { ElasticClient, failureOf } from '@signalbox/collector/exporters/elasticsearch/requests/client';
import type { ElasticsearchConfig } from '@signalbox/collector/exporters/elasticsearch/config';
import { SIGNALS, type Signal } from '@signalbox/signals/model/signal';
import type { Marked } from '../marked.js';
import type { Backend } from './backend.js';

/** The field of the trace id by mapping mode, and the text that a line which nobody parsed stays in. */
const FIELDS: Readonly<Record<ElasticsearchConfig['mapping']['mode'], { readonly traceId: string; readonly text: string; readonly marker: readonly string[] }>> = {
  otel: { traceId: 'trace_id', text: 'body.text', marker: ['attributes.marker'] },
  ecs: { traceId: 'trace.id', text: 'message', marker: ['marker'] },
  none: { traceId: 'TraceId', text: 'Body', marker: ['Attributes.marker'] },
  raw: { traceId: 'TraceId', text: 'Body', marker: ['marker'] },
};

/** Spans and log records by trace id, metrics by the marker, over all data streams of the signal (or the index that is set). */
export function elasticsearchSearch(config: ElasticsearchConfig, clock: Clock): Backend {
  const elastic = new ElasticClient(config, () => clock.monotonicMs());
  const fixed: Readonly<Record<Signal, string | undefined>> = { traces: config.traces_index, logs: config.logs_index, metrics: config.metrics_index };
  const { traceId, text, marker } = FIELDS[config.mapping.mode];
  const queryFor = (marked: Marked, signal: Signal, untraced: boolean): object => {
    if (signal === 'metrics') return { bool: { should: marker.map((field) => ({ term: { [field]: marked.marker } })) } };
    if (signal === 'traces') return { term: { [traceId]: marked.traceId } };
    if (untraced) return { match_phrase: { [text]: marked.marker } };
    return { bool: { should: [{ term: { [traceId]: marked.traceId } }, { match_phrase: { [text]: marked.traceId } }] } };
  };
  return {
    signals: SIGNALS,
    searches: { traces: 'search by trace id', logs: 'search by trace id', metrics: 'search by attribute' },
    async find(marked, signal, abort, untraced) {
      try {
        const client = await elastic.get();
        const { hits } = await client.search({ index: fixed[signal] ?? `${signal}-*`, ignore_unavailable: true, allow_no_indices: true, size: 20, track_total_hits: false, query: queryFor(marked, signal, untraced) }, { signal: abort });
        return JSON.stringify(hits.hits).includes(marked.marker);
      } catch (error) {
        const failure = failureOf(error);
        throw new Error(`Elasticsearch: ${failure.kind === 'retry' ? failure.cause.reason : failure.reason}`, { cause: error });
      }
    },
    close: () => elastic.close(),
  };
}
