import { useCallback, useEffect, useState } from 'react';

/** The present moment; taken anew every `everyMs` while the page is seen, at once when it is seen again, and by the second part. */
export function useNow(everyMs: number | null): readonly [nowMs: number, renew: () => void] {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (everyMs === null) return undefined;
    const look = (): void => { if (document.visibilityState === 'visible') setNow(Date.now()); };
    const timer = setInterval(look, Math.max(1_000, everyMs));
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [everyMs]);
  const renew = useCallback(() => { setNow(Date.now()); }, []);
  return [now, renew];
}
