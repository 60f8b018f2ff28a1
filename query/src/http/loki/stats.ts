const STORE = {
  totalChunksRef: 0, totalChunksDownloaded: 0, chunksDownloadTime: 0, queryReferencedStructuredMetadata: false, queryUsedV2Engine: false,
  chunk: {
    headChunkBytes: 0, headChunkLines: 0, decompressedBytes: 0, decompressedLines: 0, compressedBytes: 0, totalDuplicates: 0,
    postFilterLines: 0, headChunkStructuredMetadataBytes: 0, decompressedStructuredMetadataBytes: 0,
  },
  chunkRefsFetchTime: 0, congestionControlLatency: 0, pipelineWrapperFilteredLines: 0,
};

const CACHE = { entriesFound: 0, entriesRequested: 0, entriesStored: 0, bytesReceived: 0, bytesSent: 0, requests: 0, downloadTime: 0, queryLengthServed: 0 };

const CACHES = ['chunk', 'index', 'result', 'statsResult', 'volumeResult', 'seriesResult', 'labelResult', 'instantMetricResult'];

/**
 * The statistics that Loki's clients expect. Processed are the lines and bytes of the answer, since readers do not tell
 * what else they looked at; chunks, ingesters and caches are Loki's own and stay zero.
 */
export function queryStats(lines: number, bytes: number, execTimeSeconds: number): object {
  const perSecond = (count: number) => (execTimeSeconds > 0 ? Math.round(count / execTimeSeconds) : 0);
  return {
    summary: {
      bytesProcessedPerSecond: perSecond(bytes), linesProcessedPerSecond: perSecond(lines), totalBytesProcessed: bytes, totalLinesProcessed: lines,
      execTime: execTimeSeconds, queueTime: 0, subqueries: 0, totalEntriesReturned: lines, splits: 0, shards: 0, totalPostFilterLines: lines,
      totalStructuredMetadataBytesProcessed: 0,
    },
    querier: { store: STORE },
    ingester: { totalReached: 0, totalChunksMatched: 0, totalBatches: 0, totalLinesSent: 0, store: STORE },
    cache: Object.fromEntries(CACHES.map((name) => [name, CACHE])),
  };
}
