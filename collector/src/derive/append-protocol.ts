/** The local request by which a process hands a derived frame to the one that appends: the payload is the body, the rest stands in headers. */
export const APPEND_PATH = '/internal/append';
export const APPEND_HEADERS = {
  signal: 'x-signalbox-signal',
  encoding: 'x-signalbox-encoding',
  /** Percent-encoded, as are origin and batch id. */
  tenant: 'x-signalbox-tenant',
  origin: 'x-signalbox-origin',
  items: 'x-signalbox-items',
  batchId: 'x-signalbox-batch-id',
} as const;
