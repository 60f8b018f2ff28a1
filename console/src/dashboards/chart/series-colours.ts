import { serviceColours } from '../../design/service-colours.js';

/** An order in which neighbours are easily told apart. */
const order = [1, 2, 5, 0, 3, 7, 10, 9, 12, 4, 8, 11, 6, 13] as const;

/**
 * A CSS colour for each line of a chart. Where the lines are services, under their own name or as a metric's `job` such as
 * `shop/orders`, each has the colour that the service has everywhere; other lines have colours in their order.
 */
export function seriesColours(names: readonly string[], services: readonly string[]): ReadonlyMap<string, string> {
  const distinct = [...new Set(names)];
  const own = distinct.map((name) => services.find((service) => name === service || name.endsWith(`/${service}`)));
  if (distinct.length > 0 && own.every((service) => service !== undefined)) {
    const colours = serviceColours(services);
    return new Map(distinct.map((name, index) => [name, colours.get(own[index] ?? '') ?? '']));
  }
  return new Map(distinct.map((name, index) => [name, `var(--s${order[index % order.length] ?? 0})`]));
}
