import assert from 'node:assert/strict';
import { withParams } from './client.js';
import { errorText } from './errors.js';
import { readLogs } from './loki.js';
import { readFound } from './search.js';
import { Session } from './session.js';
import { severityOf } from './severity.js';

describe('answers of the APIs', () => {
  const errors: readonly [body: string, status: number, text: string][] = [
    ['{"status":"error","errorType":"bad_data","error":"invalid parameter"}', 400, 'invalid parameter'],
    ['{"data":null,"errors":[{"code":400,"msg":"parameter \'service\' is required"}]}', 400, "parameter 'service' is required"],
    ['{"error":{"code":"SBX_QUERY_LIMIT","message":"too many series"}}', 422, 'too many series'],
    ['invalid TraceQL query: parse error\n', 400, 'invalid TraceQL query: parse error'],
    ['{"message":"parse error at line 1"}', 400, 'parse error at line 1'],
    ['', 502, 'The request was answered with status 502.'],
    ['<html>Bad gateway</html>', 502, 'The request was answered with status 502.'],
    ['{}', 500, 'The request was answered with status 500.'],
  ];
  for (const [body, status, text] of errors) it(`says ${JSON.stringify(text)}`, () => { assert.equal(errorText(body, status), text); });

  it('reads a found trace, with what was left out', () => {
    const found = readFound({ traceID: 'abc', rootServiceName: 'a', startTimeUnixNano: '1700000000123456789', serviceStats: { a: { spanCount: 2 }, b: { spanCount: 5, errorCount: 1 } } });
    assert.deepEqual(found, {
      traceId: 'abc'.padStart(32, '0'), rootService: 'a', rootName: '', startMs: 1_700_000_000_123.456, durationNs: 0,
      services: [{ name: 'b', spans: 5, errors: 1 }, { name: 'a', spans: 2, errors: 0 }], spans: 7, errors: 1,
    });
  });

  it('knows a trace whose root has not arrived', () => {
    assert.equal(readFound({ traceID: '1', rootServiceName: '<root span not yet received>' }).rootService, '');
  });

  it('reads log lines of all streams in one order, with metadata apart', () => {
    const answer = readLogs({ data: { resultType: 'streams', result: [
      { stream: { service_name: 'a', severity: 'error' }, values: [['30', 'late', { structuredMetadata: { trace_id: 'ff' }, parsed: { level: 'x' } }], ['10', 'early']] },
      { stream: { service_name: 'b' }, values: [['20', 'middle', {}]] },
    ] } }, 'backward');
    assert.ok('lines' in answer);
    assert.deepEqual(answer.lines.map(({ line, timeNs, severity }) => [line, timeNs, severity]), [['late', 30n, 'error'], ['middle', 20n, 'unknown'], ['early', 10n, 'error']]);
    assert.deepEqual(answer.lines[0]?.fields, { trace_id: 'ff', level: 'x' });
    assert.deepEqual(readLogs({ data: { resultType: 'matrix', result: [] } }, 'backward'), { notLines: 'matrix' });
  });

  it('knows severities by number, else by word', () => {
    assert.deepEqual([severityOf(17, ''), severityOf(0, 'WARNING'), severityOf(0, 'Info2'), severityOf(99, 'odd'), severityOf(1, 'error')], ['error', 'warn', 'info', 'unknown', 'trace']);
  });

  it('leaves empty parameters out', () => {
    assert.equal(withParams('/x', { a: '', b: undefined, c: 0, d: 'e f' }), '/x?c=0&d=e+f');
    assert.equal(withParams('/x', {}), '/x');
  });
});

describe('session', () => {
  const storage = () => {
    const kept = new Map<string, string>();
    return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => { kept.set(key, value); }, removeItem: (key: string) => { kept.delete(key); } };
  };

  it('asks for a token, takes one, refuses a wrong one and forgets it', () => {
    const store = storage();
    const session = new Session(store);
    const seen: string[] = [];
    session.subscribe(() => { seen.push(session.state().demanded); });
    session.refuse(null);
    session.signIn('wrong');
    session.refuse('wrong');
    session.signIn('right');
    assert.equal(new Session(store).state().token, 'right');
    session.signOut();
    assert.deepEqual(seen, ['missing', 'no', 'refused', 'no', 'missing']);
    assert.equal(new Session(store).state().token, null);
  });

  it('takes no notice of a refusal of an older token', () => {
    const session = new Session(storage());
    session.signIn('new');
    session.refuse(null);
    session.refuse('old');
    assert.equal(session.state().demanded, 'no');
  });
});
