import { createContext, use, useMemo } from 'react';
import { serviceColours } from './service-colours.js';

/** The services that are known when the page opens: with them in mind, one has the same colour in all views. */
export const KnownServices = createContext<readonly string[]>([]);

/** A CSS colour for each of the services. */
export function useServiceColours(names: readonly string[]): ReadonlyMap<string, string> {
  const known = use(KnownServices);
  return useMemo(() => serviceColours([...known, ...names]), [known, names]);
}
