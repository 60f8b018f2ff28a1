import assert from 'node:assert/strict';
import { clockSkewWarnings } from './clock-skew.js';
import type { JaegerSpan } from './model.js';

function span(spanID: string, parent: string, startTime: number, duration: number, processID = 'p1'): JaegerSpan {
  return {
    traceID: 't', spanID, operationName: spanID, startTime, duration, tags: [], logs: [], processID, warnings: null,
    references: parent === '' ? [] : [{ refType: 'CHILD_OF', traceID: 't', spanID: parent }],
  };
}

describe('clock skew warnings', () => {
  const processes = { p1: { serviceName: 'a', tags: [] }, p2: { serviceName: 'b', tags: [{ key: 'ip', type: 'string' as const, value: '10.0.0.2' }] } };
  const texts = (spans: JaegerSpan[]) => Object.fromEntries([...clockSkewWarnings(spans, processes)].map(([{ spanID }, warnings]) => [spanID, warnings]));

  it('are none where children lie within their parents', () => {
    assert.deepEqual(texts([span('1', '', 0, 100), span('2', '1', 10, 50), span('3', '2', 20, 10)]), {});
  });

  it('say by how much a child sticks out', () => {
    assert.deepEqual(texts([span('1', '', 1000, 100), span('2', '1', 2000, 50), span('3', '1', 500, 500)]), {
      2: ['clock skew adjustment disabled; not applying calculated delta of -975µs'],
      3: ['clock skew adjustment disabled; not applying calculated delta of 500µs'],
    });
  });

  it('name missing parents and ids used twice, and end where spans go round in a circle', () => {
    assert.deepEqual(texts([span('1', '9', 0, 1), span('2', '', 0, 1), span('2', '', 0, 1)]), {
      1: ['invalid parent span IDs=9; skipping clock skew adjustment'],
      2: ['duplicate span IDs; skipping clock skew adjustment'],
    });
    assert.deepEqual(texts([span('1', '2', 0, 1), span('2', '1', 0, 1), span('3', '3', 0, 1)]), {});
  });
});
