import { Buffer } from 'node:buffer';
import type { Signal } from '@signalbox/signals/model/signal';
import { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import type { BatchPart } from '../../component.js';
import type { Scratch } from '../scratch.js';
import { encodeRequest } from './encode.js';
import { itemsOfWire } from './wire-cut.js';

/** Changes a part's bytes on their way. */
export type WireChange = (wire: Uint8Array) => Uint8Array;

const AS_IT_IS: WireChange = (wire) => wire;

/**
 * The items of all parts as one Export*ServiceRequest. Its messages are a repeated field, so the bytes of several stand one behind the
 * other, and what nobody here knows of goes with them. What parts leave out is cut out of their bytes.
 *
 * @throws OtlpError where a part's bytes are malformed, so that those behind it would be read as something else
 */
export function requestBytes(signal: Signal, parts: readonly BatchPart[], change: WireChange = AS_IT_IS): Uint8Array {
  return joined(wiresOf(signal, parts, change));
}

/** The same, each part for itself. */
export function wiresOf(signal: Signal, parts: readonly BatchPart[], change: WireChange = AS_IT_IS): Uint8Array[] {
  return parts.map((part) => {
    const { wireItems } = part;
    const wire = wireOf(part);
    checkOuter(wire);
    return change(wireItems ? itemsOfWire(signal, wire, wireItems) : wire);
  });
}

/** A part's bytes, with the items that it leaves out (`wireItems`); of frames of Prometheus samples there are none before. */
export function wireOf({ wire, data }: BatchPart): Uint8Array {
  return wire ?? encodeRequest(data);
}

/** One behind the other. */
export function joined(all: readonly Uint8Array[]): Uint8Array {
  return all.length === 1 ? all[0]! : Buffer.concat(all);
}

/** One behind the other, in memory that is taken from the scratch. */
export function joinedIn(scratch: Scratch, all: readonly Uint8Array[]): { readonly piece: Buffer; readonly bytes: Buffer } {
  const length = all.reduce((sum, each) => sum + each.length, 0);
  const piece = scratch.take(length);
  let at = 0;
  for (const each of all) {
    piece.set(each, at);
    at += each.length;
  }
  return { piece, bytes: piece.subarray(0, length) };
}

/** That the outermost messages end where the bytes do. */
function checkOuter(wire: Uint8Array): void {
  const reader = new WireReader(wire);
  const end = wire.length;
  while (reader.pos < end) reader.skip(reader.tag(end), end);
}
