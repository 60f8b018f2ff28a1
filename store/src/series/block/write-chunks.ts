import type { BlockWriter } from './block-writer.js';
import type { ByteSink } from '../chunk/byte-sink.js';
import { chunkEnd, writeChunk } from '../chunk/chunk.js';
import type { SampleBuffer } from '../chunk/sample-buffer.js';

/** Writes settled samples as chunks of the series at hand. */
export function writeChunks(writer: BlockWriter, sink: ByteSink, samples: SampleBuffer): void {
  for (let from = 0; from < samples.length; ) {
    const to = chunkEnd(samples, from);
    sink.length = 0;
    writeChunk(sink, samples, from, to);
    writer.chunk(sink.bytes.subarray(0, sink.length), to - from, samples.times[from], samples.times[to - 1]);
    from = to;
  }
}
