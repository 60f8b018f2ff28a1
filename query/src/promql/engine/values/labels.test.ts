import assert from 'node:assert/strict';
import { labelsText } from './labels.js';

describe('labels in error texts', () => {
  it('are quoted as Go quotes, names too that are not plain', () => {
    assert.equal(labelsText([['__name__', 'up'], ['job', 'żółw']]), '{__name__="up", job="żółw"}');
    assert.equal(labelsText([['control', 'a\x01b\x7f\u00a0'], ['my.label', 'x"y\\z\n'], ['0', '']]), String.raw`{control="a\x01b\x7f\u00a0", "my.label"="x\"y\\z\n", "0"=""}`);
    assert.equal(labelsText([]), '{}');
  });
});
