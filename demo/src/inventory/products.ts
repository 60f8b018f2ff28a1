/** What the shop sells, at the start. */
export const PRODUCTS = [
  { sku: 'espresso-cup', name: 'Espresso cup', priceCents: 890 },
  { sku: 'french-press', name: 'French press', priceCents: 3490 },
  { sku: 'hand-grinder', name: 'Hand grinder', priceCents: 7950 },
  { sku: 'house-blend', name: 'House blend, 500 g', priceCents: 1240 },
  { sku: 'pour-over-set', name: 'Pour-over set', priceCents: 4600 },
] as const;

/** How many of each are there when the warehouse has delivered. */
export const FULL_STOCK = 500;
