import { createContext, use, useMemo } from 'react';
import { serviceColours } from './service-colours.js';

/** The services that are known when the page opens: with them in mind, one has the same colour in all views. */
export const KnownServices = createContext<readonly string[]>([]);

/** A CSS colour for each of the names. A metric's `job`, such as `shop/orders`, has the colour of the service `orders`. */
export function useServiceColours(names: readonly string[]): ReadonlyMap<string, string> {
  const known = use(KnownServices);
  return useMemo(() => {
    const services = new Map(names.map((name) => [name, known.find((service) => name.endsWith(`/${service}`)) ?? name]));
    const colours = serviceColours([...known, ...services.values()]);
    return new Map([...colours, ...[...services].map(([name, service]) => [name, colours.get(service) ?? ''] as const)]);
  }, [known, names]);
}
