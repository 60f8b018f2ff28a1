import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { ByteSink } from './byte-sink.js';
import { ByteSource } from './byte-source.js';
import { CHUNK_SAMPLES, FORM, HISTOGRAM_CHUNK_SAMPLES, readFloatChunk, writeFloatChunk } from './float-chunk.js';
import { readHistogramChunk, writeHistogramChunk } from './histogram-chunk.js';
import type { SampleBuffer } from './sample-buffer.js';

/** Where a chunk of a buffer's samples ends: at a change between floats and histograms, and where it is full. What fills less than two is halved. */
export function chunkEnd(samples: SampleBuffer, from: number): number {
  const { histograms } = samples;
  const first = histograms !== null && isHistogram(histograms, from);
  const full = first ? HISTOGRAM_CHUNK_SAMPLES : CHUNK_SAMPLES;
  const most = Math.min(samples.length, from + 2 * full);
  let to = most;
  if (histograms !== null) for (to = from + 1; to < most && isHistogram(histograms, to) === first; ) to++;
  if (to - from <= full) return to;
  return from + (to - from === 2 * full ? full : Math.ceil((to - from) / 2));
}

/** Whether a chunk has so many samples that it is not worth it to write it anew with its neighbours'. */
export function nearlyFull(bytes: Uint8Array, count: number): boolean {
  return count * 4 >= (bytes[0] === FORM.histograms ? HISTOGRAM_CHUNK_SAMPLES : CHUNK_SAMPLES) * 3;
}

/** Appends the samples from `from` to `to`, which chunkEnd() said. */
export function writeChunk(sink: ByteSink, samples: SampleBuffer, from: number, to: number): void {
  const { histograms } = samples;
  if (histograms !== null && isHistogram(histograms, from)) writeHistogramChunk(sink, samples.times, histograms, from, to);
  else writeFloatChunk(sink, samples.times, samples.values, samples.words, from, to);
}

const QUIET_NAN_HIGH = 0x7ff8_0000;

/** Reads chunks; keeps what it needs between them. */
export class ChunkReader {
  private readonly source = new ByteSource();

  /** Adds a chunk's samples from `startMs` to `endMs`, both inclusive. Answers false where the bytes are no chunk. */
  read(bytes: Uint8Array, from: number, to: number, startMs: number, endMs: number, out: SampleBuffer): boolean {
    const { source } = this;
    source.open(bytes, from, to);
    const form = source.byte();
    const count = source.varint();
    const known = form <= FORM.maxDecimals || (form >= FORM.xor && form <= FORM.steps) || form === FORM.histograms;
    if (!known || count === 0 || count > CHUNK_SAMPLES) return false;
    out.reserve(count);
    const at = out.length;
    if (form === FORM.histograms) {
      readHistogramChunk(source, count, out.times, out.histogramsUpTo(at), at);
      for (let i = at; i < at + count; i++) {
        out.words[2 * i] = 0;
        out.words[2 * i + 1] = QUIET_NAN_HIGH;
      }
    } else {
      readFloatChunk(source, form, count, out.times, out.values, out.words, at);
      if (out.histograms !== null) out.histogramsUpTo(at + count);
    }
    if (source.overrun) return false;
    out.added(this.cut(out, at, count, startMs, endMs));
    return true;
  }

  /** Moves the samples within the times to the front; answers how many there are. */
  private cut(out: SampleBuffer, at: number, count: number, startMs: number, endMs: number): number {
    const { times, words, histograms } = out;
    let low = at;
    let high = at + count;
    while (low < high && times[low] < startMs) low++;
    while (high > low && times[high - 1] > endMs) high--;
    if (low > at) {
      times.copyWithin(at, low, high);
      words.copyWithin(2 * at, 2 * low, 2 * high);
      if (histograms !== null) histograms.splice(at, low - at);
    }
    const kept = high - low;
    if (histograms !== null) histograms.length = at + kept;
    return kept;
  }
}

function isHistogram(histograms: readonly (NativeHistogram | null)[], at: number): boolean {
  return at < histograms.length && histograms[at] !== null;
}
