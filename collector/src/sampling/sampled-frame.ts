import type { Frame, FrameHeader } from '@signalbox/journal/frame';
import { withoutSpans } from './following/span-removal.js';
import { sameTrace, traceIdAt, walkSpans } from './span-walk.js';

/** The ledger's reason for spans of traces that were decided against. */
export const NOT_SAMPLED = 'not_sampled';

/** A frame some of whose spans were taken out by a pipeline's tail sampling: they stand among the rejected, and in the payload without content. */
export interface SampledFrame extends Frame {
  readonly sampling: {
    readonly pipeline: string;
    /** Spans taken out. */
    readonly notSampled: number;
    /** As it stands in the journal. */
    readonly whole: FrameHeader;
  };
}

export function isSampled(frame: Frame): frame is SampledFrame {
  return 'sampling' in frame;
}

/** Says of a trace (its id's 16 bytes begin at `at`) whether its spans stay. */
export type Keeps = (bytes: Buffer, at: number) => boolean;

const NOTHING = Buffer.alloc(0);

/**
 * The frame with what stays, in memory of its own; without `sampling` where all of it stays. What cannot be read stays too: whoever
 * decodes it will say so.
 */
export function sampleFrame(frame: Frame, pipeline: string, keeps: Keeps): Frame | SampledFrame {
  const out: number[] = [];
  let seenAt = -1;
  let kept = true;
  try {
    walkSpans(frame.payload, frame.rejected, {
      span(reader, end, ordinal) {
        const at = traceIdAt(reader, end);
        if (at < 0) return;
        // Spans of one trace often follow each other.
        if (seenAt < 0 || !sameTrace(reader.bytes, seenAt, at)) kept = keeps(reader.bytes, at);
        seenAt = at;
        if (!kept) out.push(ordinal);
      },
    });
  } catch {
    return { ...frame, payload: Buffer.from(frame.payload) };
  }
  if (out.length === 0) return { ...frame, payload: Buffer.from(frame.payload) };
  const rejected = frame.rejected.length === 0 ? out : [...frame.rejected, ...out].sort((a, b) => a - b);
  const { payload: _, ...whole } = frame;
  const payload = rejected.length === frame.items ? NOTHING : withoutSpans(frame.payload, rejected);
  return { ...frame, payload, rejected, sampling: { pipeline, notSampled: out.length, whole } };
}
