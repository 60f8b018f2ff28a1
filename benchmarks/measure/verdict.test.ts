import assert from 'node:assert/strict';
import { askedText, verdict } from './verdict.js';

describe('what a benchmark says of a figure', () => {
  const asked = { reach: 1.3, reachBeside: 1.6, better: 'lower' } as const;

  it('is what is asked, with what the peer took there', () => {
    assert.equal(askedText(asked), '≤ 1.30 beside 1.60');
    assert.equal(askedText({ reach: 250_000, better: 'higher' }), '≥ 250000');
    assert.equal(askedText({ ...asked, reach: null }), '–');
  });

  it('tells the absolute figure from the share of the peer', () => {
    assert.equal(verdict({ ...asked, ours: 1.2, peer: 1.3 }), 'reached');
    assert.equal(verdict({ ...asked, ours: 2.4, peer: 4 }), 'reached by the peer\'s measure alone: 0.600 of the peer, asked 0.813');
    assert.equal(verdict({ ...asked, ours: 2.4, peer: 2.5 }), 'NOT REACHED: 0.960 of the peer, asked 0.813');
    const more = { reach: 500, reachBeside: 690, better: 'higher' } as const;
    assert.equal(verdict({ ...more, ours: 400, peer: 300 }), 'reached by the peer\'s measure alone: 1.33 of the peer, asked 0.725');
    assert.equal(verdict({ ...more, ours: 400, peer: 600 }), 'NOT REACHED: 0.667 of the peer, asked 0.725');
  });

  it('knows no share where there is no peer', () => {
    assert.equal(verdict({ ...asked, ours: 1.4, peer: null }), 'NOT REACHED');
    assert.equal(verdict({ reach: 40, better: 'lower', ours: 41, peer: 75 }), 'NOT REACHED');
    assert.equal(verdict({ ...asked, reach: null, ours: 1, peer: 2 }), '');
    assert.equal(verdict({ ...asked, ours: Number.NaN, peer: 2 }), 'NOT REACHED: – of the peer, asked 0.813');
  });
});
