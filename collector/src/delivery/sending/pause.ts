/** Node's timers end at 2³¹ - 1 ms; who waits longer than a day asks again. */
const MAX_MS = 86_400_000;

/** Waits, or less when one of the signals ends it; never rejects. (AbortSignal.any would be kept by its long-lived sources.) */
export function pause(ms: number, ...signals: readonly AbortSignal[]): Promise<void> {
  if (ms <= 0 || signals.some((signal) => signal.aborted)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, MAX_MS));
    for (const signal of signals) signal.addEventListener('abort', done, { once: true });
  });
}
