/** An error for people: a code to look up in docs/errors.md, and a text that says what to do next. */
export class ApplianceError extends Error {
  /** `remedy` is put behind `what`; left out where `what` says it already. */
  constructor(readonly code: string, readonly what: string, readonly remedy = '') {
    super(remedy === '' ? what : `${what}; ${remedy}`);
    this.name = 'ApplianceError';
  }
}

/** Code and text of anything thrown, on one line where it has a code. */
export function describeError(error: unknown): string {
  if (error instanceof Error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string' && code.startsWith('SBX_')) return `${code}: ${error.message}`;
    // fetch says why it failed in its cause alone.
    return error.cause instanceof Error && !error.message.includes(error.cause.message) ? `${error.message}: ${error.cause.message}` : error.message;
  }
  return String(error);
}
