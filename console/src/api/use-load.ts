import { useCallback, useEffect, useRef, useState } from 'react';
import { isUnreachable } from './errors.js';

/** Between two attempts while the appliance is away. */
const RETRY_MS = 3_000;

export interface Loading<T> {
  /** The newest answer; stays while another is awaited, so that nothing jumps. */
  readonly data: T | undefined;
  readonly error: Error | undefined;
  readonly loading: boolean;
  readonly reload: () => void;
}

/**
 * Loads once for each `key`, aborts what is no longer wanted, and keeps the last answer meanwhile. `null` loads nothing.
 * While the appliance is away it is asked again until it answers. `fresh` drops the last answer when it changes: what belongs to another thing must not be shown in its place.
 */
export function useLoad<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>, fresh = ''): Loading<T> {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ readonly fresh: string; readonly done: string | null; readonly data?: T | undefined; readonly error?: Error | undefined }>({ fresh, done: null });
  const [attempt, setAttempt] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const wanted = key === null ? null : `${round} ${key}`;

  useEffect(() => {
    if (wanted === null) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    latest.current(stop.signal).then(
      (data) => { if (!stop.signal.aborted) setState({ fresh, done: wanted, data }); },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        if (isUnreachable(error)) timer = setTimeout(() => { setAttempt((was) => was + 1); }, RETRY_MS);
        setState((was) => ({ fresh, done: wanted, data: was.fresh === fresh ? was.data : undefined, error: error instanceof Error ? error : new Error(String(error)) }));
      },
    );
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [wanted, fresh, attempt]);

  const reload = useCallback(() => { setRound((was) => was + 1); }, []);
  const current = state.fresh === fresh;
  const loading = wanted !== null && state.done !== wanted;
  return { data: current ? state.data : undefined, error: current && !loading ? state.error : undefined, loading, reload };
}
