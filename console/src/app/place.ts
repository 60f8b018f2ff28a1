import { useSyncExternalStore } from 'react';

/** Path and query of the page's address, as one text: it changes when either does. */
export function usePlace(): { readonly path: string; readonly params: URLSearchParams } {
  const href = useSyncExternalStore(subscribe, () => `${location.pathname}${location.search}`);
  const [path = '/', search = ''] = split(href);
  return { path, params: new URLSearchParams(search) };
}

/** Goes to an address of this page: `push` makes a step that the back button undoes, `replace` makes none. */
export function navigate(href: string, how: 'push' | 'replace' = 'push'): void {
  if (href === `${location.pathname}${location.search}`) return;
  if (how === 'push') history.pushState(null, '', href);
  else history.replaceState(null, '', href);
  window.dispatchEvent(new PopStateEvent('popstate'));
}

/** The present address with some parameters changed; null takes one away. */
export function withPlaceParams(path: string, params: URLSearchParams, changes: Readonly<Record<string, string | null>>): string {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  const text = next.toString();
  return text === '' ? path : `${path}?${text}`;
}

function split(href: string): string[] {
  const at = href.indexOf('?');
  return at < 0 ? [href] : [href.slice(0, at), href.slice(at + 1)];
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('popstate', listener);
  return () => { window.removeEventListener('popstate', listener); };
}
