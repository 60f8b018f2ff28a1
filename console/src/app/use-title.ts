import { useEffect } from 'react';

/** The title of the browser's tab while the view is shown. */
export function useTitle(title: string): void {
  useEffect(() => { document.title = title === '' ? 'Signalbox' : `${title} · Signalbox`; }, [title]);
}
