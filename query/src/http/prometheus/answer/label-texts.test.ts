import assert from 'node:assert/strict';
import type { Labels } from '@signalbox/signals/prometheus/types';
import { Turns } from '../../../event-loop.js';
import { labelSetsText } from './label-texts.js';

const textOf = (sets: readonly Labels[]): Promise<string> => labelSetsText(sets, new Turns(new AbortController().signal));

describe('label sets as JSON', () => {
  it('are what a JSON writer makes of them, whatever stands in them', async () => {
    const shared: Labels[number] = ['job', 'a"b\\c\n\u0000é😀\ud800'];
    const sets: Labels[] = [[], [shared], [['__proto__', 'x'], shared], [['a b', ''], ['job', 'other']], [shared, ['z', '1']]];
    assert.equal(await textOf(sets), JSON.stringify(sets.map((labels) => Object.fromEntries(labels))));
    assert.equal(await textOf([]), '[]');
  });

  it('keep their order where a name looks like a number', async () => {
    assert.equal(await textOf([[['__name__', 'x'], ['10', 'a']]]), '[{"__name__":"x","10":"a"}]');
  });
});
