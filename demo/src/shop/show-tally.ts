import type { Writable } from 'node:stream';
import type { WarningTally } from './warning-tally.js';

const CLEAR_LINE = '\u001b[2K';
/** How often the count is shown: on a terminal in its place, elsewhere (a file, a pipe) as a line of its own. */
const EVERY_MS = { terminal: 1_000, elsewhere: 60_000 } as const;

export interface TallyScreen {
  /** Shows the count where it has changed. */
  show(): void;
  close(): void;
}

/** Shows how many warnings there were in one line below everything else, so that what was said first stays in sight. */
export function showTally(tally: WarningTally, out: Writable, { terminal, columns }: { readonly terminal: boolean; readonly columns: () => number }): TallyScreen {
  let shown = '';
  const show = (): void => {
    const text = tally.text();
    if (text === shown) return;
    shown = text;
    // The line is left at its begin, so that whatever else is written takes its place.
    out.write(terminal ? `${CLEAR_LINE}${text.slice(0, columns() - 1)}\r` : `${text}\n`);
  };
  const timer = setInterval(show, terminal ? EVERY_MS.terminal : EVERY_MS.elsewhere);
  return {
    show,
    close() {
      clearInterval(timer);
      if (terminal && shown !== '') out.write(CLEAR_LINE);
    },
  };
}
