/** Codes that people meet; each text says what to do next. */
export type StoreErrorCode =
  | 'SBX_STORE_IN_USE'
  | 'SBX_STORE_NEWER'
  | 'SBX_STORE_NOT_WRITABLE'
  | 'SBX_STORE_DAMAGED'
  | 'SBX_STORE_BUSY'
  | 'SBX_STORE_SETTING'
  | 'SBX_STORE_CLOSED';

export class StoreError extends Error {
  constructor(readonly code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
  }
}
