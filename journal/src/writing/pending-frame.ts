import { crc32 } from 'node:zlib';
import type { AcceptedCounts } from '../counting/accepted-counts.js';
import { JournalError } from '../errors.js';
import { acceptedItems } from '../frame.js';
import type { FrameInput } from '../frame.js';
import { MAX_BATCH_ID_BYTES, MAX_ORIGIN_BYTES, MAX_REJECTED, MAX_TENANT_BYTES, encodeFrameHeader, frameBytesOf, headerBytesOf } from '../segments/frame-header.js';
import type { HeaderFields } from '../segments/frame-header.js';

/** Payloads up to this size are copied between their neighbours' headers: that costs less than a buffer more in writev. */
const COPY_BYTES = 16 << 10;

/** A frame that waits for its position. */
export interface PendingFrame extends HeaderFields {
  readonly tenantName: string;
  readonly originName: string;
  readonly accepted: number;
  readonly payload: Uint8Array;
  readonly headerBytes: number;
  readonly frameBytes: number;
}

/** @throws JournalError SBX_JOURNAL_FRAME_INVALID */
export function pendingFrame(input: FrameInput, maxFrameBytes: number): PendingFrame {
  const tenant = Buffer.from(input.tenant);
  const batchId = Buffer.from(input.batchId ?? '');
  const originName = input.origin ?? '';
  const origin = Buffer.from(originName);
  if (tenant.length === 0 || tenant.length > MAX_TENANT_BYTES || tenant.includes(0)) throw invalid(`the tenant's name has ${tenant.length} bytes; 1 to ${MAX_TENANT_BYTES} without NUL are allowed`);
  if (batchId.length > MAX_BATCH_ID_BYTES) throw invalid(`the batch id has ${batchId.length} bytes; ${MAX_BATCH_ID_BYTES} are allowed`);
  if (origin.length > MAX_ORIGIN_BYTES || origin.includes(0)) throw invalid(`the origin has ${origin.length} bytes; ${MAX_ORIGIN_BYTES} without NUL are allowed: shorten the component's name`);
  if (input.rejected.length > Math.min(input.items, MAX_REJECTED)) throw invalid(`${input.rejected.length} rejected items of ${input.items}; at most ${MAX_REJECTED} can be recorded`);
  if (!Number.isInteger(input.items) || input.items < 0 || input.items > 0xffff_ffff) throw invalid(`the number of items is ${input.items}; 0 to 4294967295 are allowed`);
  for (const ordinal of input.rejected) {
    if (!Number.isInteger(ordinal) || ordinal < 0 || ordinal >= input.items) throw invalid(`a rejected item has the ordinal ${ordinal}, the frame has ${input.items} items`);
  }
  const headerBytes = headerBytesOf({ tenant, batchId, origin, rejected: input.rejected });
  const payloadBytes = input.payload.length;
  const frameBytes = frameBytesOf(headerBytes, payloadBytes);
  if (frameBytes > maxFrameBytes) throw invalid(`the frame has ${frameBytes} bytes; segments of the journal allow ${maxFrameBytes}: send smaller batches, or raise journal.segment_bytes`);
  return {
    signal: input.signal,
    encoding: input.encoding,
    tenant,
    tenantName: input.tenant,
    batchId,
    origin,
    originName,
    items: input.items,
    rejected: input.rejected,
    receivedNs: input.receivedNs,
    payloadBytes,
    payloadCrc: crc32(input.payload),
    accepted: acceptedItems(input),
    payload: input.payload,
    headerBytes,
    frameBytes,
  };
}

/** Gives each frame its position and counts it in `accepted`; answers what to write, in order. */
export function layOutFrames(frames: readonly PendingFrame[], position: number, salt: number, accepted: AcceptedCounts): Uint8Array[] {
  let arenaBytes = 0;
  for (const frame of frames) arenaBytes += frame.payloadBytes > COPY_BYTES ? frame.frameBytes - frame.payloadBytes : frame.frameBytes;
  const arena = Buffer.allocUnsafe(arenaBytes);
  const buffers: Uint8Array[] = [];
  let runAt = 0; // begin of what is not yet in `buffers`
  let at = 0;
  let framePosition = position;
  for (const frame of frames) {
    at += encodeFrameHeader(arena, at, frame, framePosition, accepted.get(frame.tenantName, frame.signal, frame.originName), salt);
    accepted.add(frame.tenantName, frame.signal, frame.originName, frame.accepted);
    if (frame.payloadBytes > COPY_BYTES) {
      buffers.push(arena.subarray(runAt, at), frame.payload);
      runAt = at;
    } else {
      arena.set(frame.payload, at);
      at += frame.payloadBytes;
    }
    const padding = frame.frameBytes - frame.headerBytes - frame.payloadBytes;
    arena.fill(0, at, at + padding);
    at += padding;
    framePosition += frame.frameBytes;
  }
  if (at > runAt) buffers.push(arena.subarray(runAt, at));
  return buffers;
}

function invalid(text: string): JournalError {
  return new JournalError('SBX_JOURNAL_FRAME_INVALID', text);
}
