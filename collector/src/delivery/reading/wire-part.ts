import { acceptedItems, type Frame } from '@signalbox/journal/frame';
import type { Signal } from '@signalbox/signals/model/signal';
import type { BatchPart, SignalData } from '../../component.js';
import { encodeRequest } from '../../exporters/otlp/encode.js';
import { decodeFrame, ordinalsWithout } from './decode.js';

/** A frame of OTLP as it came, for exporters that read bytes. Its objects are made when somebody asks for them. */
export function wirePart(frame: Frame): BatchPart {
  const ordinals = ordinalsWithout(frame.items, frame.rejected);
  return {
    position: frame.position,
    receivedNs: frame.receivedNs,
    data: lazyData(frame.signal, () => decodeFrame(frame).data),
    items: acceptedItems(frame),
    ordinals,
    wire: frame.payload,
    wireItems: frame.rejected.length === 0 ? null : ordinals,
  };
}

/** A part that processors have seen, with its bytes: those of the frame where they changed nothing. Samples stay samples. */
export function withWire(part: BatchPart, decoded: BatchPart, frame: Frame): BatchPart {
  const { data } = part;
  if (data.signal === 'metrics' && data.prometheus) return part;
  if (data === decoded.data && frame.encoding === 'otlp') return { ...part, wire: frame.payload, wireItems: frame.rejected.length === 0 ? null : part.ordinals };
  return { ...part, wire: encodeRequest(data), wireItems: null };
}

/** Data that is made when it is first read. @throws from the reading property what `make` throws, every time */
export function lazyData(signal: Signal, make: () => SignalData): SignalData {
  let made: SignalData | null = null;
  const data = <S extends Signal>(of: S): Extract<SignalData, { signal: S }> => {
    made ??= make();
    if (made.signal !== of) throw new TypeError(`data of ${of} turned out to be of ${made.signal}`);
    return made as Extract<SignalData, { signal: S }>;
  };
  switch (signal) {
    case 'traces':
      return { signal, get traces() { return data('traces').traces; } };
    case 'logs':
      return { signal, get logs() { return data('logs').logs; } };
    case 'metrics':
      return { signal, get metrics() { return data('metrics').metrics; } };
  }
}

/** Why a part's objects cannot be made, or null. */
export function undecodable({ data }: BatchPart): Error | null {
  try {
    void (data.signal === 'traces' ? data.traces : data.signal === 'logs' ? data.logs : data.metrics);
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
