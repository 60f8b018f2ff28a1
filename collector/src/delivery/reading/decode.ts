import { acceptedItems, type Frame } from '@signalbox/journal/frame';
import { countItems } from '@signalbox/signals/otlp/count';
import { decodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { decodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { decodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { countSamples } from '@signalbox/signals/prometheus/remote-write/count';
import { decodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/decode';
import { UNLIMITED_WRITE } from '@signalbox/signals/prometheus/remote-write/limits';
import type { BatchPart, SignalData } from '../../component.js';
import { sampleData } from './sample-data.js';

/** A frame that cannot be turned into items; `reason` is the ledger's. */
export class FrameUndecodable extends Error {
  constructor(
    readonly reason: 'undecodable' | 'unsupported_encoding',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'FrameUndecodable';
  }
}

/** @throws FrameUndecodable */
export function decodeFrame(frame: Frame): BatchPart {
  if (frame.encoding === 'prometheus' && frame.signal !== 'metrics') throw new FrameUndecodable('unsupported_encoding', `a frame of Prometheus samples says that it is of ${frame.signal}`);
  const items = acceptedItems(frame);
  let data: SignalData;
  let found: number;
  try {
    [data, found] = frame.encoding === 'prometheus' ? decodeSamples(frame) : decodePayload(frame);
  } catch (error) {
    throw new FrameUndecodable('undecodable', error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (found !== items) throw new FrameUndecodable('undecodable', `the frame holds ${found} items, its header says ${items}`);
  return { position: frame.position, receivedNs: frame.receivedNs, data, items, ordinals: ordinalsWithout(frame.items, frame.rejected) };
}

function decodePayload({ signal, payload, rejected }: Frame): readonly [SignalData, number] {
  switch (signal) {
    case 'traces': {
      const traces = decodeTraces(payload, rejected);
      return [{ signal, traces }, countItems(traces)];
    }
    case 'logs': {
      const logs = decodeLogs(payload, rejected);
      return [{ signal, logs }, countItems(logs)];
    }
    case 'metrics': {
      const metrics = decodeMetrics(payload, rejected);
      return [{ signal, metrics }, countItems(metrics)];
    }
  }
}

function decodeSamples({ payload }: Frame): readonly [SignalData, number] {
  const write = decodeWriteV2(payload, UNLIMITED_WRITE);
  return [sampleData(write), countSamples(write)];
}

/** 0, 1, 2… without the rejected, which ascend. */
export function ordinalsWithout(items: number, rejected: readonly number[]): Uint32Array {
  const ordinals = new Uint32Array(items - rejected.length);
  let skipped = 0;
  for (let ordinal = 0, i = 0; ordinal < items; ordinal++) {
    if (rejected[skipped] === ordinal) skipped++;
    else ordinals[i++] = ordinal;
  }
  return ordinals;
}
