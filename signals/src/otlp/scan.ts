import type { Signal } from '../model/signal.js';
import { DEFAULT_MAX_ATTRIBUTES_PER_ITEM, DEFAULT_MAX_DEPTH, DEFAULT_MAX_ITEMS, DEFAULT_MAX_REJECTED, MAX_DEPTH_CEILING } from './limits.js';
import { scanGroups } from './scan/groups.js';
import type { ScanEntry } from './scan/groups.js';
import { scanLogRecord } from './scan/log-records.js';
import { scanMetric } from './scan/metrics.js';
import { Scanner } from './scan/scanner.js';
import type { RejectedItem } from './scan/scanner.js';
import type { SecretKeys } from './scan/secret-keys.js';
import { scanSpan } from './scan/spans.js';

export interface ScanOptions {
  /** Attribute names whose values are overwritten. */
  readonly secrets: SecretKeys;
  /** Nesting of arrays and maps in values; 32 unless given, 128 at most. Deeper input is malformed. */
  readonly maxDepth?: number;
  /**
   * Key-value pairs in one item (or in one resource or scope), nested ones included; 16384 unless given. An item with
   * more is rejected; a resource or scope with more takes its items with it.
   */
  readonly maxAttributesPerItem?: number;
  /** Items in one request; 500000 unless given. A request with more is refused. */
  readonly maxItems?: number;
  /** Rejected items in one request; 10000 unless given. A request with more is refused. */
  readonly maxRejected?: number;
}

export interface ScanResult {
  /** Spans, log records or data points in the request, the rejected ones included. */
  readonly items: number;
  /** By ascending ordinal. They stay in the bytes: readers leave them out (`decodeTraces(bytes, skip)`). */
  readonly rejected: readonly RejectedItem[];
}

const ENTRIES: Readonly<Record<Signal, ScanEntry>> = { traces: scanSpan, logs: scanLogRecord, metrics: scanMetric };

/**
 * Checks an Export*ServiceRequest in protobuf without decoding it: the wire format of everything that the decoders
 * read, UTF-8 of all strings, the limits. Counts the items, finds those that are of no use, and overwrites the values of
 * secret attributes in `bytes` with `*`, wherever attributes stand (length and structure stay as they are).
 *
 * @throws OtlpError with the byte offset where the request is malformed; secrets before it are overwritten by then
 */
export function scanRequest(signal: Signal, bytes: Uint8Array, options: ScanOptions): ScanResult {
  const maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
  if (maxDepth > MAX_DEPTH_CEILING) throw new RangeError(`maxDepth is ${MAX_DEPTH_CEILING} at most, not ${maxDepth}`);
  const scanner = new Scanner(bytes, options.secrets, {
    maxDepth,
    maxAttributesPerItem: options.maxAttributesPerItem ?? DEFAULT_MAX_ATTRIBUTES_PER_ITEM,
    maxItems: options.maxItems ?? DEFAULT_MAX_ITEMS,
    maxRejected: options.maxRejected ?? DEFAULT_MAX_REJECTED,
  });
  scanGroups(scanner, ENTRIES[signal]);
  return { items: scanner.items, rejected: scanner.rejected };
}
