import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { serviceColours } from './service-colours.js';

describe('colours of services', () => {
  it('are the same whatever the order, and different for each of up to fourteen', () => {
    const names = Array.from({ length: 14 }, (_, i) => `service-${i}`);
    const colours = serviceColours(names);
    assert.deepEqual(serviceColours([...names].reverse()), colours);
    assert.equal(new Set(colours.values()).size, 14);
  });

  it('are easily told apart where there are few, on both backgrounds', () => {
    const tokens = readFileSync(new URL('tokens.css', import.meta.url), 'utf8');
    for (const names of [['storefront', 'orders', 'payments', 'inventory'], ['frontend', 'cart', 'checkout', 'currency', 'email', 'shipping', 'quote'], ['a', 'b', 'c', 'd', 'e', 'f', 'g']]) {
      for (const background of [0, 1]) {
        const shown = [...serviceColours(names)].map(([name, colour]) => ({ name, lab: labOf(tokens, colour, background) }));
        for (const a of shown) for (const b of shown) if (a.name < b.name) assert.ok(Math.hypot(...a.lab.map((value, i) => value - (b.lab[i] ?? 0))) > 0.07, `${a.name} and ${b.name}`);
      }
    }
  });

  it('are there for any number', () => {
    assert.equal(serviceColours(Array.from({ length: 100 }, (_, i) => `s${i}`)).size, 100);
    assert.equal(serviceColours(['a', 'a']).size, 1);
  });
});

/** A colour of tokens.css in OKLab, for the light (0) or the dark (1) background. https://bottosson.github.io/posts/oklab/ */
function labOf(tokens: string, colour: string, background: number): readonly number[] {
  const name = /--s\d+/.exec(colour)?.[0] ?? '';
  const hex = [...(new RegExp(`${name}: light-dark\\(#(\\w{6}), #(\\w{6})\\)`).exec(tokens) ?? [])][1 + background];
  assert.ok(hex !== undefined, colour);
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}
