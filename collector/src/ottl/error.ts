/** A mistake in a statement or condition, found before anything runs. The text shows the statement and where in it. */
export class OttlError extends Error {
  constructor(
    readonly statement: string,
    /** Offset of the first character that is wrong. */
    readonly offset: number,
    readonly reason: string,
    /** The valid name that was probably meant. */
    readonly nearest: string | null = null,
  ) {
    super(`${reason}${/[.!?]$/.test(reason) ? '' : '.'} At character ${offset + 1} of the statement: ${excerpt(statement, offset)}`);
    this.name = 'OttlError';
  }
}

/** What goes wrong with one item's data while a statement runs; `error_mode` says what follows. */
export class OttlFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OttlFailure';
  }
}

const AROUND = 60;

/** The statement with a mark in front of the place; long ones are cut on both sides. */
function excerpt(statement: string, offset: number): string {
  const from = Math.max(0, offset - AROUND);
  const to = Math.min(statement.length, offset + AROUND);
  const before = statement.slice(from, offset).replace(/\s+/g, ' ');
  const after = statement.slice(offset, to).replace(/\s+/g, ' ');
  return `${from > 0 ? '…' : ''}${before}»${after}${to < statement.length ? '…' : ''}`;
}
