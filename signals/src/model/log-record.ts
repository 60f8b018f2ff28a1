import type { AnyValue, Attributes } from './attributes.js';
import type { Resource, Scope } from './resource.js';

export interface LogRecord {
  /** Unix time in nanoseconds; 0n where the source gave none. */
  readonly timeNs: bigint;
  readonly observedTimeNs: bigint;
  /** 0 unspecified, 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal. */
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValue;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly flags: number;
  /** 32 lowercase hex digits, or ''. */
  readonly traceId: string;
  /** 16 lowercase hex digits, or ''. */
  readonly spanId: string;
  readonly eventName: string;
}

export interface ScopeLogs {
  readonly scope: Scope | null;
  readonly schemaUrl: string;
  readonly logRecords: readonly LogRecord[];
}

export interface ResourceLogs {
  readonly resource: Resource | null;
  readonly schemaUrl: string;
  readonly scopeLogs: readonly ScopeLogs[];
}

/** The content of an ExportLogsServiceRequest. */
export interface LogsData {
  readonly resourceLogs: readonly ResourceLogs[];
}
