/** The byte budget of the receivers is used up: the sender should wait and try again. */
export class IntakeFull extends Error {
  readonly code = 'SBX_INTAKE_FULL';
  constructor(readonly retryAfterMs: number) {
    super(`the byte budget of requests in flight is used up; try again in ${Math.ceil(retryAfterMs / 1000)} s (setting: receive.max_in_flight_bytes)`);
    this.name = 'IntakeFull';
  }
}

/** The journal did not take the data: full, failing disk, too many tenants. Nothing of the request was kept. */
export class JournalFailed extends Error {
  readonly code: string;
  constructor(
    cause: unknown,
    readonly retryAfterMs: number,
  ) {
    super(`the journal did not take the data: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'JournalFailed';
    this.code = typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'SBX_INTAKE_JOURNAL_FAILED';
  }
}

/** A batch id that cannot be kept: the sender must send another, or none. */
export class BatchIdInvalid extends Error {
  readonly code = 'SBX_INTAKE_BATCH_ID';
  constructor() {
    super(`a batch id has 1 to ${MAX_BATCH_ID_LENGTH} printable ASCII characters`);
    this.name = 'BatchIdInvalid';
  }
}

export const MAX_BATCH_ID_LENGTH = 128;
