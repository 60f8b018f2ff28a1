/** The parts of a process that matter here. */
export interface EndingProcess {
  readonly pid: number;
  on(event: 'beforeExit' | 'exit', listener: () => void): unknown;
  on(event: Signal, listener: (signal: Signal) => void): unknown;
  removeListener(event: Signal, listener: (signal: Signal) => void): unknown;
  listenerCount(event: Signal): number;
  kill(pid: number, signal: Signal): unknown;
}

type Signal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

const SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGINT', 'SIGHUP'];

export interface ExitFlushOptions {
  /** Collects and hands over what takes a turn of the event loop (metrics); bounded by its caller. */
  readonly collect: () => Promise<void>;
  /** Collects at once what can be; for ends that leave no turn of the event loop. Must not throw. */
  readonly collectNow: () => void;
  /** Hands over what waits and waits for it to be sent, this thread stopped; bounded in itself. */
  readonly drain: () => void;
  /** Whether signals are handled here; threads of the application have none. */
  readonly signals: boolean;
}

/**
 * Sends the last telemetry when a process ends, however it ends: by running out of work, by process.exit, by an
 * uncaught exception, or by a signal. The application's own way of ending stays as it is: a signal that it handles
 * itself is left to it; one that it does not handle ends the process as it would have, a moment later.
 */
export function flushAtExit(target: EndingProcess, { collect, collectNow, drain, signals }: ExitFlushOptions): void {
  let collected = false;
  target.on('beforeExit', () => {
    // What is collected may give the event loop work, after which this event comes again.
    if (collected) return;
    collected = true;
    void collect();
  });
  target.on('exit', () => {
    if (!collected) collectNow();
    drain();
  });
  if (!signals) return;
  let ending = false;
  const onSignal = (signal: Signal): void => {
    if (target.listenerCount(signal) > 1) return;
    const end = (): void => {
      target.removeListener(signal, onSignal);
      target.kill(target.pid, signal);
    };
    if (ending) {
      end();
      return;
    }
    ending = true;
    collected = true;
    void collect().finally(() => {
      drain();
      end();
    });
  };
  for (const signal of SIGNALS) target.on(signal, onSignal);
}
