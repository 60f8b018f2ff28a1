/** An error for people: a code to look up in docs/errors.md, and a text that says what to do next. */
export class ApplianceError extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
    this.name = 'ApplianceError';
  }
}

/** Code and text of anything thrown, on one line where it has a code. */
export function describeError(error: unknown): string {
  if (error instanceof Error) {
    const code = (error as { code?: unknown }).code;
    return typeof code === 'string' && code.startsWith('SBX_') ? `${code}: ${error.message}` : error.message;
  }
  return String(error);
}
