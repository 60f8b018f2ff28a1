import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import { attributes, log, plain, point, span, type Plain } from '../processors/editing/fixture.test.js';
import { OttlError, OttlFailure } from './error.js';
import { EvaluationContext, type LooseDataPoint } from './evaluation-context.js';
import { FUNCTIONS } from './compiling/functions.js';
import type { OttlContext } from './paths/contexts.js';
import { compileCondition, compileStatement, inferContext } from './statement.js';

const ATTRIBUTES: { readonly [key: string]: Plain } = {
  'http.method': 'GET', status: 200n, ratio: 0.5, ok: true, 'user.email': 'a@example.com', tags: ['x', 'y'], nested: { a: { b: 1n }, list: [1n, 2n] }, empty: '', card: '4111 1111 1111 1111',
};

function subject(level: OttlContext = 'span'): EvaluationContext {
  const context = new EvaluationContext(() => 1_700_000_000_000_000_000n);
  context.enterResource({ attributes: attributes({ 'service.name': 'shop' }), droppedAttributesCount: 0 }, '');
  context.enterScope({ name: 'lib', version: '1.0', attributes: [], droppedAttributesCount: 0 }, '');
  if (level === 'span') context.span.reset(Object.freeze(span({ attributes: Object.freeze(attributes(ATTRIBUTES)), traceState: 'a=1,b=2', status: { code: 2, message: 'bad' } })));
  if (level === 'log') context.log.reset(Object.freeze(log({ body: '{"msg":"hi","n":1.5,"deep":{"k":[true]}}', attributes: Object.freeze(attributes(ATTRIBUTES)) })));
  if (level === 'datapoint') {
    context.metric.reset({ name: 'm', description: '', unit: 's', metadata: [], values: { type: 'sum', monotonic: true, temporality: 2, dataPoints: [] } });
    context.point.reset(Object.freeze(point({ value: 5n, attributes: attributes(ATTRIBUTES) })) as LooseDataPoint);
  }
  return context;
}

describe('ottl conditions', () => {
  const span: [string, boolean][] = [
    ['true', true], ['false', false], ['not false', true], ['not not true', true], ['true and false or true', true], ['true or false and false', true], ['(true or false) and false', false],
    ['name == "GET /"', true], ['name != "GET /"', false], ['span.name == "GET /"', true], ['name < "GEU"', true], ['name >= "GF"', false], ['name == 5', false], ['name != 5', true],
    ['kind == SPAN_KIND_SERVER', true], ['kind == 2.0', true], ['kind.string == "Server"', true], ['kind.deprecated_string == "SPAN_KIND_SERVER"', true],
    ['status.code == STATUS_CODE_ERROR and status.message == "bad"', true],
    ['attributes["status"] >= 200 and attributes["status"] < 300', true], ['attributes["status"] == 200.0', true], ['attributes["ratio"] > 0', true],
    ['attributes["nothing"] == nil', true], ['nil == attributes["nothing"]', true], ['attributes["nothing"] != nil', false], ['attributes["nothing"] < 5', false], ['attributes["nothing"] <= nil', true],
    ['attributes["nested"]["a"]["b"] == 1', true], ['attributes["nested"]["list"][1] == 2', true], ['attributes["nested"]["x"]["y"] == nil', true], ['attributes["tags"] == ["x", "y"]', true],
    ['attributes["nested"]["a"] == {"b": 1}', true], ['attributes[Concat(["http", "method"], ".")] == "GET"', true],
    ['resource.attributes["service.name"] == "shop"', true], ['instrumentation_scope.name == "lib" and scope.version == "1.0"', true],
    ['trace_id.string == "0102030405060708090a0b0c0d0e0f10"', true], ['trace_id == TraceID(0x0102030405060708090a0b0c0d0e0f10)', true], ['span_id == SpanID("0102030405060708")', true],
    ['trace_state["b"] == "2"', true], ['IsRootSpan()', true],
    ['end_time_unix_nano - start_time_unix_nano == 250000000', true], ['end_time - start_time == Duration("250ms")', true], ['Milliseconds(end_time - start_time) == 250', true],
    ['(1 + 2) * 3 == 9', true], ['1 + 2 * 3 == 7', true], ['7 / 2 == 3', true], ['7 / 2.0 == 3.5', true], ['2 - -1 == 3', true], ['10 -3 == 7', true], ['(attributes["status"] + 1) / 3 == 67', true],
    ['attributes["ok"]  == true', true], ['attributes["ok"] > false', true], ['0x0a0b == 0x0A0b', true], ['0x01 < 0x02', true],
    ['IsMatch(name, "^GET")', true], ['IsMatch(attributes["status"], "^2\\\\d\\\\d$")', true], ['IsMatch(attributes["nothing"], ".*")', false], ['IsMatch(name, Concat(["^", "G"], ""))', true],
    ['IsString(name) and IsInt(attributes["status"]) and IsDouble(attributes["ratio"]) and IsBool(attributes["ok"]) and IsMap(attributes["nested"]) and IsList(attributes["tags"])', true],
    ['HasPrefix(name, "GET") and HasSuffix(name, "/")', true], ['ContainsValue(attributes["tags"], "y")', true], ['IsValidLuhn(attributes["card"])', true],
    ['CommunityID("2001:db8::1", 1, "2001:db8::2", 2) == CommunityID("2001:db8::2", 2, "2001:db8:0:0::1", 1)', true], ['Len(attributes) == 9', true], ['Len(attributes["tags"]) == 2', true], ['Year(Now()) == 2023', true],
  ];
  for (const [condition, expected] of span) it(`${condition} is ${expected}`, () => assert.equal(compileCondition(condition, { context: 'span' }).run(subject()), expected));

  const points: [string, boolean][] = [
    ['metric.is_monotonic == true', true], ['metric.name == "m" and metric.type == METRIC_DATA_TYPE_SUM', true], ['value_int == 5', true], ['value_double == nil', true],
    ['datapoint.attributes["http.method"] == "GET"', true], ['metric.aggregation_temporality == AGGREGATION_TEMPORALITY_CUMULATIVE', true], ['flags == FLAG_NONE', true], ['count == nil', true],
  ];
  for (const [condition, expected] of points) it(`of a data point: ${condition}`, () => assert.equal(compileCondition(condition, { context: 'datapoint' }).run(subject('datapoint')), expected));
});

describe('ottl converters', () => {
  const table: [string, unknown][] = [
    ['Concat(["a", 1, true, nil], "-")', 'a-1-true-<nil>'], ['Split("a,b", ",")', ['a', 'b']], ['Substring("hello", 1, 3)', 'ell'], ['Substring("😀ab", 1, 1, true)', 'a'], ['Trim("  x ")', 'x'], ['Trim("--x-", "-")', 'x'],
    ['ConvertCase("someHTTPName", "snake")', 'some_http_name'], ['ToCamelCase("some_name")', 'SomeName'], ['ToUpperCase("a")', 'A'], ['ToLowerCase("A")', 'a'], ['TrimPrefix("abc", "a")', 'bc'], ['TrimSuffix("abc", "c")', 'ab'],
    ['Int("12")', 12n], ['Int(2.9)', 2n], ['Int("x")', null], ['Int(true)', 1n], ['Double("1.5")', 1.5], ['Double("")', null], ['String(200)', '200'], ['String({"a": 1})', '{"a":1}'], ['ParseInt("ff", 16)', 255n],
    ['SHA256("a")', 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'], ['MD5("a")', '0cc175b9c0f1b6a831c399e269772661'], ['SHA1("a")', '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
    ['FNV("hello world")', 8618312879776256743n], ['Hex("ab")', '6162'], ['Hex(1)', '0000000000000001'], ['Base64Decode("aGk=")', 'hi'], ['Decode("6869", "hex")', 'hi'],
    ['ParseKeyValue("a=1 b=\\"x y\\"")', { a: '1', b: 'x y' }], ['ParseKeyValue("a:1|b:2", ":", "|")', { a: '1', b: '2' }], ['ParseKeyValue(target="a!1", delimiter="!")', { a: '1' }],
    ['ParseCSV("1,\\"a,b\\"", "x,y")', { x: '1', y: 'a,b' }], ['ExtractPatterns("user=bob id=7", "user=(?P<user>\\\\w+) id=(?P<id>\\\\d+)")', { user: 'bob', id: '7' }], ['ExtractPatterns("none", "(?P<a>x)")', {}],
    ['ParseJSON("{\\"a\\": [1, {\\"b\\": null}]}")', { a: [1, { b: null }] }], ['ParseJSON("{\\"a\\": 2}")["a"]', 2], ['ToKeyValueString({"b": 1, "a": "x y"}, "=", " ", true)', 'a="x y" b=1'],
    ['UnixNano(Time("2024-05-01T10:00:00.5Z", "%Y-%m-%dT%H:%M:%S.%L%z"))', 1714557600500000000n], ['UnixSeconds(Time("01/May/2024:12:00:00 +0200", "%d/%b/%Y:%H:%M:%S %z"))', 1714557600n],
    ['UnixSeconds(Time("2024-07-01 12:00", "%F %H:%M", "Europe/Berlin"))', 1719828000n], ['FormatTime(Unix(1714557600), "%Y-%m-%d %H:%M:%S")', '2024-05-01 10:00:00'], ['Weekday(Unix(0))', 4n],
    ['String(Unix(0))', '1970-01-01T00:00:00Z'], ['String(Duration("90m"))', '1h30m0s'], ['Hours(Duration("90m"))', 1.5], ['UnixSeconds(TruncateTime(Unix(3599), Duration("1h")))', 0n],
    ['Format("%s-%03d %.2f %t", ["a", 7, 1.5, true])', 'a-007 1.50 true'], ['Sort([3, 1, 2], "desc")', [3n, 2n, 1n]], ['Keys({"a": 1})', ['a']], ['Values({"a": 1})', [1n]], ['Index("hello", "l")', 2n], ['Len("ä")', 2n],
    ['URL("http://u@example.com:81/a/b.txt?q=1#f")', { 'url.original': 'http://u@example.com:81/a/b.txt?q=1#f', 'url.domain': 'example.com', 'url.scheme': 'http', 'url.path': '/a/b.txt', 'url.query': 'q=1', 'url.fragment': 'f', 'url.extension': 'txt', 'url.port': 81n, 'url.username': 'u' }],
    ['Bool("true")', true], ['Bool(0)', false], ['ToSnakeCase("someHTTPName")', 'some_http_name'], ['SHA512("a")', '1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75'],
    ...([['Day', 2n], ['Hour', 3n], ['Minute', 4n], ['Month', 1n], ['Second', 5n], ['Nanosecond', 6_000_000n], ['Year', 1970n], ['UnixMilli', 97_445_006n], ['UnixMicro', 97_445_006_000n]] as const).map(([name, value]): [string, unknown] => [`${name}(Time("1970-01-02T03:04:05.006Z", "%Y-%m-%dT%H:%M:%S.%L%z"))`, value]),
    ['Minutes(Duration("90s"))', 1.5], ['Seconds(Duration("1500ms"))', 1.5], ['Microseconds(Duration("3ms"))', 3000n], ['Nanoseconds(Duration("3us"))', 3000n],
    ['IsMatch(UUID(), "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")', true], ['IsMatch(UUIDv7(), "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")', true],
    ['Coalesce([attributes["nothing"], nil, attributes["http.method"], "x"])', 'GET'], ['Coalesce([attributes["nothing"], nil])', null], ['Coalesce(["a", ParseJSON("{")])', 'a'], ['Coalesce(attributes["tags"])', 'x'], ['UnixNano(Coalesce([attributes["nothing"], Unix(1)]))', 1_000_000_000n],
    ...(['nil', '""', '0', '0.0', 'false', '{}', '[]', 'attributes["nothing"]', 'attributes["empty"]', 'Duration("0s")', 'parent_span_id'].map((value): [string, unknown] => [`IsEmpty(${value})`, true])),
    ...(['" "', '1', '-0.5', 'true', '{"a": nil}', '[nil]', 'attributes', 'span_id', 'Unix(0)'].map((value): [string, unknown] => [`IsEmpty(${value})`, false])),
    ['IsInCIDR("10.1.2.3", ["192.168.0.0/16", "10.0.0.0/8"])', true], ['IsInCIDR("11.1.2.3", ["192.168.0.0/16", "10.0.0.0/8"])', false], ['IsInCIDR("fd12::1", ["fd00::/8"])', true], ['IsInCIDR("::ffff:10.1.2.3", ["10.0.0.0/8"])', true],
    ['IsInCIDR("10.1.2.3", [Concat(["10.0.0.0", 8], "/")])', true], ['IsInCIDR("no address", ["0.0.0.0/0", "::/0"])', false], ['IsInCIDR("fe80::1%eth0", ["fe80::/10"])', false], ['IsInCIDR("1.2.3.4", [])', false],
    ['CommunityID("128.232.110.120", 34855, "66.35.250.204", 80)', '1:LQU9qZlK+B5F3KDmev6m5PMibrg='], ['CommunityID("66.35.250.204", 80, "128.232.110.120", 34855, "TCP")', '1:LQU9qZlK+B5F3KDmev6m5PMibrg='], ['CommunityID("::ffff:128.232.110.120", 34855, "66.35.250.204", 80, "TCP", 0)', '1:LQU9qZlK+B5F3KDmev6m5PMibrg='],
    ['CommunityID("192.168.1.52", 54585, "8.8.8.8", 53, "UDP")', '1:d/FP5EW3wiY1vCndhwleRRKHowQ='], ['CommunityID("192.168.1.52", 54585, "8.8.8.8", 53, "UDP", 1)', '1:Q9We8WO3piVF8yEQBNJF4uiSVrI='],
    ['Murmur3Hash("")', '00000000'], ['Murmur3Hash("hello")', '47fa8b24'], ['Murmur3Hash("The quick brown fox jumps over the lazy dog")', '23f74f2e'],
    ['Murmur3Hash128("")', '0'.repeat(32)], ['Murmur3Hash128("hello")', '029bbd41b3a7d8cb191dae486a901e5b'], ['Murmur3Hash128("The quick brown fox jumps over the lazy dog")', '6c1b07bc7bbc4be347939ac4a93c437a'],
    ['Base64Encode("hi?>")', 'aGk/Pg=='], ['Base64Encode("hi?>", "base64-raw")', 'aGk/Pg'], ['Base64Encode("hi?>", "base64-url")', 'aGk_Pg=='], ['Base64Encode("hi?>", "base64-raw-url")', 'aGk_Pg'],
    ['ParseSeverity("inf", {"info": [{"equals": ["inf"]}, {"range": {"min": 200, "max": 299}}], "error": [{"range": "5xx"}]})', 'info'], ['ParseSeverity(attributes["status"], {"info": [{"equals": ["inf"]}, {"range": {"min": 200, "max": 299}}]})', 'info'], ['ParseSeverity(503, {"warn": [{"range": "4xx"}], "error": [{"range": "5xx"}]})', 'error'],
    ['ExtractGrokPatterns("Mar  4 05:06:07 web-1 sshd[123]: Accepted for bob from 2001:db8::ff00:42 port 22", "%{SYSLOGTIMESTAMP:ts} %{SYSLOGHOST:host.name} %{WORD:prog}\\[%{POSINT:pid:int}\\]: %{GREEDYDATA} from %{IP:ip}", true)', { ts: 'Mar  4 05:06:07', 'host.name': 'web-1', prog: 'sshd', pid: 123n, ip: '2001:db8::ff00:42' }],
    ['ExtractGrokPatterns("a 1.5 true x", "%{WORD:w} %{NUMBER:n:double} %{BOOL:b:boolean}", true)', { w: 'a', n: 1.5, b: true }], ['ExtractGrokPatterns("a 1", "%{WORD:w} %{INT}")', { w: 'a', INT: '1' }], ['ExtractGrokPatterns("a 1", "%{WORD:w} %{INT}", true)', { w: 'a' }],
    ['ExtractGrokPatterns("smith:pw:1:2", "%{USERNAME:user.name}:%{PASSWORD:user.password}:%{REST}", true, ["PASSWORD=%{WORD}", "REST=%{GREEDYDATA:rest}"])', { 'user.name': 'smith', 'user.password': 'pw', rest: '1:2' }],
    ['ExtractGrokPatterns("1 2", "%{INT:n:int} %{INT:n:int}", true)', { n: 2n }], ['ExtractGrokPatterns("a=b", "(?P<left.side>\\\\w)=(?<right>\\\\w)")', { 'left.side': 'a', right: 'b' }], ['ExtractGrokPatterns("(?P<a>x", "\\\\(\\\\?P<a>%{WORD:w}")', { w: 'x' }], ['ExtractGrokPatterns("none", "%{IPV4:ip}")', {}],
    ['ExtractGrokPatterns("from 10.1.2.3 on", Concat(["%{IP:i", "p}"], ""), true)', { ip: '10.1.2.3' }], ['ExtractGrokPatterns("[] x", "\\\\[%{DATA:empty}\\\\] %{WORD:w}", true)', { w: 'x' }],
    ...([['::1', '::1'], ['a::', 'a::'], ['::', '::'], ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'], ['fe80::1:2', 'fe80::1:2'], ['64:ff9b::1.2.3.4', '64:ff9b::1.2.3.4'], ['300.1.1.1', null]] as const).map(([text, ip]): [string, unknown] => [`ExtractGrokPatterns("<${text}>", "<%{IP:ip}>", true)`, ip === null ? {} : { ip }]),
    ['Log(1)', 0], ['SliceToMap([{"k": "a", "v": 1}], ["k"], ["v"])', { a: 1n }],
  ];
  for (const [source, expected] of table) {
    it(source, () => {
      const context = subject();
      compileStatement(`set(attributes["out"], ${source})`, { context: 'span' }).run(context);
      const out = plain(context.span.current.attributes)['out'];
      assert.deepEqual(out === undefined ? null : out, expected);
    });
  }
});

it('ottl: every function is among those that are tried here, or by the processors filter and transform', async () => {
  const sources = await Promise.all([import.meta.filename, ...['filter', 'transform'].map((name) => join(import.meta.dirname, `../processors/${name}/${name}.test.ts`))].map((file) => readFile(file, 'utf8')));
  const names = [...FUNCTIONS.editors.keys(), ...FUNCTIONS.converters.keys()];
  assert.deepEqual(names.filter((name) => !new RegExp(`(?<![A-Za-z_])${name}\\(|\\['${name}', `).test(sources.join('\n'))), []);
});

describe('ottl editors', () => {
  const table: [string, (left: Record<string, unknown>) => void][] = [
    ['set(attributes["new"], "x")', (left) => assert.equal(left['new'], 'x')],
    ['set(attributes["new"], attributes["nothing"])', (left) => assert.ok(!('new' in left))],
    ['set(attributes["nested"]["a"]["c"], 2)', (left) => assert.deepEqual(left['nested'], { a: { b: 1n, c: 2n }, list: [1n, 2n] })],
    ['set(attributes["made"]["on"]["way"], true)', (left) => assert.deepEqual(left['made'], { on: { way: true } })],
    ['set(attributes["nested"]["list"][0], "z")', (left) => assert.deepEqual(left['nested'], { a: { b: 1n }, list: ['z', 2n] })],
    ['delete_key(attributes, "status")', (left) => assert.ok(!('status' in left))],
    ['delete_key(attributes["nested"], "a")', (left) => assert.deepEqual(left['nested'], { list: [1n, 2n] })],
    ['delete_matching_keys(attributes, "^(http|user)")', (left) => assert.deepEqual(Object.keys(left).filter((key) => /^(http|user)/.test(key)), [])],
    ['keep_keys(attributes, ["status", "ok"])', (left) => assert.deepEqual(Object.keys(left), ['status', 'ok'])],
    ['keep_matching_keys(attributes, "^s")', (left) => assert.deepEqual(Object.keys(left), ['status'])],
    ['replace_pattern(attributes["user.email"], "(\\\\w+)@(\\\\w+)", "$2 at ${1}")', (left) => assert.equal(left['user.email'], 'example at a.com')],
    ['replace_pattern(attributes["user.email"], "^[^@]+", "$0", SHA1)', (left) => assert.equal(left['user.email'], '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8@example.com')],
    ['replace_all_patterns(attributes, "value", "GET|example", "X")', (left) => assert.deepEqual([left['http.method'], left['user.email']], ['X', 'a@X.com'])],
    ['replace_all_patterns(attributes, "key", "^http\\\\.", "h.")', (left) => assert.equal(left['h.method'], 'GET')],
    ['replace_match(attributes["user.email"], "*@example.com", "hidden")', (left) => assert.equal(left['user.email'], 'hidden')],
    ['replace_all_matches(attributes, "{GET,POST}", "M")', (left) => assert.equal(left['http.method'], 'M')],
    ['limit(attributes, 2, ["ok"])', (left) => assert.deepEqual(Object.keys(left), ['http.method', 'ok'])],
    ['truncate_all(attributes, 2)', (left) => assert.equal(left['user.email'], 'a@')],
    ['stringify_all(attributes)', (left) => assert.deepEqual([left['status'], left['ratio'], left['ok'], left['tags'], left['nested'], left['empty']], ['200', '0.5', 'true', '["x","y"]', '{"a":{"b":1},"list":[1,2]}', ''])],
    ['merge_maps(attributes, {"status": 500, "more": 1}, "insert")', (left) => assert.deepEqual([left['status'], left['more']], [200n, 1n])],
    ['merge_maps(attributes, {"status": 500}, "upsert")', (left) => assert.equal(left['status'], 500n)],
    ['flatten(attributes)', (left) => assert.deepEqual([left['nested.a.b'], left['nested.list.1'], left['tags.0']], [1n, 2n, 'x'])],
    ['append(attributes["tags"], "z")', (left) => assert.deepEqual(left['tags'], ['x', 'y', 'z'])],
    ['append(attributes["status"], values=[1, 2])', (left) => assert.deepEqual(left['status'], [200n, 1n, 2n])],
    ['delete_index(attributes["tags"], 0)', (left) => assert.deepEqual(left['tags'], ['y'])],
    ['set(attributes["status"], 1) where name == "other"', (left) => assert.equal(left['status'], 200n)],
  ];
  for (const [statement, check] of table) {
    it(statement, () => {
      const context = subject();
      compileStatement(statement, { context: 'span' }).run(context);
      check(plain(context.span.current.attributes));
    });
  }

  it('copies what it changes and nothing else', () => {
    const context = subject();
    const before = context.span.current;
    compileStatement('set(name, "GET /")', { context: 'span' }).run(context);
    compileStatement('set(attributes["status"], 200)', { context: 'span' }).run(context);
    compileStatement('delete_key(attributes, "not there")', { context: 'span' }).run(context);
    assert.equal(context.span.current, before);
    compileStatement('set(name, "other")', { context: 'span' }).run(context);
    assert.deepEqual([before.name, context.span.current.name, context.span.current.attributes === before.attributes], ['GET /', 'other', true]);
  });

  it('writes every kind of path', () => {
    const context = subject();
    for (const statement of [
      'set(status.code, STATUS_CODE_OK)', 'set(kind, SPAN_KIND_CLIENT)', 'set(resource.attributes["env"], "prod")', 'set(scope.name, "other")', 'set(trace_state["c"], "3")',
      'set(start_time, Unix(5))', 'set(cache["k"], "v")', 'set(attributes["from"], cache["k"])', 'set(parent_span_id.string, "1111111111111111")', 'set(resource.schema_url, "u")',
    ]) compileStatement(statement, { context: 'span' }).run(context);
    const { current } = context.span;
    assert.deepEqual([current.status.code, current.kind, current.traceState, current.startNs, current.parentSpanId], [1, 3, 'c=3,a=1,b=2', 5_000_000_000n, '1111111111111111']);
    assert.deepEqual([plain(context.resource.current.attributes), context.scope.current.name, context.resourceSchema.current.schemaUrl], [{ 'service.name': 'shop', env: 'prod' }, 'other', 'u']);
    assert.equal(plain(current.attributes)['from'], 'v');
  });

  it('takes a log apart', () => {
    const context = subject('log');
    for (const statement of [
      'merge_maps(attributes, ParseJSON(body), "upsert") where IsMatch(body, "^\\\\{")', 'set(body, attributes["msg"])', 'set(severity_number, SEVERITY_NUMBER_ERROR2)', 'set(body["x"], 1) where IsMap(body)',
    ]) compileStatement(statement, { context: 'log' }).run(context);
    assert.deepEqual([context.log.current.body, context.log.current.severityNumber], ['hi', 18]);
    assert.ok(context.log.current.attributes.find(({ key }) => key === 'deep')?.value instanceof KeyValueList);
  });
});

describe('ottl mistakes', () => {
  const table: [string, RegExp, (string | null)?][] = [
    ['', /begins with an editor/], ['set', /A '\(' was expected/], ['set(', /A value was expected.*the end/], ['set(name, "x"', /A ',' or '\)' was expected, found the end/], ['set(name, "x))', /no closing "/],
    ['set(name "x")', /A ',' or '\)'/], ['set(name, "x") were true', /Nothing more was expected/], ['set(name, "x") where', /A value was expected.*the end/], ['set(name, "x") where name', /A comparison/],
    ['set(name, "x") where name = "y"', /'==', not '='/], ['set(name, "x") where name == "a" && true', /'and' and 'or'/], ['set(name, "x") where !true', /'not'/], ["set(name, 'x')", /double quotes/],
    ['sett(name, "x")', /no editor 'sett'/, 'set'], ['Set(name, "x")', /small letter/], ['set(nam, "x")', /no field 'nam'/, 'name'], ['set(atributes["a"], "x")', /no field 'atributes'/, 'attributes'],
    ['set(attributes.http.method, "x")', /key stands in brackets: attributes\["http\.method"\]/], ['set(name["a"], 1)', /cannot be indexed/], ['set(status, 1)', /its fields: code, message/], ['set(status.cod, 1)', /no field 'cod'/, 'code'],
    ['set(kind, SPAN_KIND_SERVR)', /no enum/, 'SPAN_KIND_SERVER'], ['set(name, Concatt(["a"], ""))', /no converter/, 'Concat'], ['set(name, set(name, "x"))', /is an editor/], ['set(name)', /needs 'value'; it is set\(target, value\)/],
    ['set(name, "a", "b")', /not so many parameters/], ['set(name, 5)', /target is of type string, the value of type int/], ['set(kind.string, "x")', /read only/], ['set("x", "y")', /expected a path/], ['set(Len(name), 1)', /expected a path/],
    ['delete_key(attributes, 5)', /expected string, found int/], ['delete_key(name, "a")', /expected map, found string/], ['keep_keys(attributes, "a")', /expected list, found string/], ['keep_keys(attributes, [1])', /list of texts/],
    ['limit(attributes, -1, [])', /not negative/], ['limit(attributes, 1, ["a", "b"])', /more than the limit/], ['merge_maps(attributes, {}, "upsrt")', /one of insert, update, upsert/],
    ['replace_pattern(name, "(", "x")', /not a regular expression of RE2/], ['delete_matching_keys(attributes, "a(?=b)")', /not a regular expression of RE2/], ['replace_pattern(name, "a", "b", SHA)', /no function 'SHA'/, 'SHA1'],
    ['set(attributes["a"], Time("x", "%Q"))', /time format has '%Q'/], ['set(attributes["a"], Time("x", "%Y", "Mars/Base"))', /no time zone/], ['set(attributes["a"], Time("x", "%B", "UTC", "fr"))', /English only/], ['set(attributes["a"], Duration("5 parsecs"))', /no duration/], ['set(attributes["a"], ConvertCase("x", "kebab"))', /one of lower, upper/],
    ['set(attributes["a"], ExtractPatterns("x", "(a)"))', /no named group/], ['set(attributes["a"], ParseKeyValue("a", "=", "="))', /the same/], ['set(attributes["a"], ParseKeyValue("a", sep="="))', /no parameter 'sep'/], ['set(attributes["a"], Format("%y", []))', /'%y', which is not known/],
    ['set(attributes["a"], TraceID("12"))', /32 hexadecimal digits/], ['set(attributes["a"], 0x123)', /two hexadecimal digits/], ['set(attributes["a"], 99999999999999999999)', /does not fit into 64 bits/], ['set(attributes["a"], "a" + "b")', /joined by Concat/],
    ['set(attributes["a"], SHA256)', /called with parentheses/], ['set(attributes[true], 1)', /A key is a string or an int/], ['set(attributes["a"], [1, 2)', /A ',' or '\]'/], ['set(attributes["a"], {1: 2})', /key in double quotes/], ['set(name, "x") where Len(name)', /no condition/],
    ['set(log.body, "x")', /cannot be reached from a span/], ['set(name, "x"))', /'\)' without its opening/], ['set(name, "x") where (true', /A '\)' was expected/], ['append(attributes["a"])', /'value' or 'values'/], ['set(attributes["a"], ExtractGrokPatterns("x", "%{WRD:a}"))', /no pattern 'WRD': did you mean WORD/], ['set(attributes["a"], ExtractGrokPatterns("x", "%{WORD:a:text}"))', /one of string, int/], ['set(attributes["a"], ExtractGrokPatterns("x", "%{WORD:a:int:b}"))', /not of the form/], ['set(attributes["a"], ExtractGrokPatterns("x", "%{WORD}", true))', /has no field/],
    ['set(attributes["a"], ExtractGrokPatterns("x", "%{A:a}", true, ["A=%{B}", "B=%{A}"]))', /in a circle/], ['set(attributes["a"], ExtractGrokPatterns("x", "(%{WORD:a}"))', /not a regular expression of RE2/], ['set(attributes["a"], ExtractGrokPatterns("x", "%{A:a}", true, ["A"]))', /NAME=pattern/],
    ['set(attributes["a"], ExtractGrokPatterns("x", "%{A:a}", true, ["A=%{B}%{B}%{B}%{B}%{B}%{B}%{B}%{B}", "B=%{C}%{C}%{C}%{C}%{C}%{C}%{C}%{C}", "C=%{D}%{D}%{D}%{D}%{D}%{D}%{D}%{D}", "D=%{E}%{E}%{E}%{E}%{E}%{E}%{E}%{E}", "E=%{F}%{F}%{F}%{F}%{F}%{F}%{F}%{F}", "F=%{G}%{G}%{G}%{G}%{G}%{G}%{G}%{G}", "G=%{H}%{H}%{H}%{H}%{H}%{H}%{H}%{H}", "H=%{IPV6}%{IPV6}%{IPV6}%{IPV6}%{IPV6}%{IPV6}%{IPV6}%{IPV6}"]))', /longer than 16384/], ['copy_metric(name="x")', /no editor 'copy_metric': it makes data points that nobody has sent/, null], ['set(attributes["a"], ParseXML("<a/>"))', /no converter 'ParseXML': XML/, null], ['scale_metric(2)', /works on a metric, and the statement is about a span/], ['set(attributes["a"], Coalesce([]))', /no values/], ['set(attributes["a"], IsInCIDR("1.2.3.4", ["10.0.0.0"]))', /'10\.0\.0\.0' is no network such as/], ['set(attributes["a"], IsInCIDR("1.2.3.4", ["10.0.0.0/33"]))', /is no network/], ['set(attributes["a"], Base64Encode("a", "base32"))', /one of base64, /],
    ['set(attributes["a"], ParseSeverity("a", attributes))', /a map, written out/], ['set(attributes["a"], ParseSeverity("a", {"info": "a"}))', /list of criteria/], ['set(attributes["a"], ParseSeverity("a", {"info": [{"equals": "a"}]}))', /equals is a list of texts/], ['set(attributes["a"], ParseSeverity("a", {"info": [{"range": {"min": 1}}]}))', /min and max/], ['set(events, [])', /read only/], ['set(name, ü)', /Unexpected character/],
  ];
  for (const [statement, reason, nearest] of table) {
    it(JSON.stringify(statement), () => {
      assert.throws(() => compileStatement(statement, { context: 'span' }), (error: unknown) => {
        assert.ok(error instanceof OttlError, String(error));
        assert.match(error.message, reason);
        assert.match(error.message, /At character \d+ of the statement: .*»/);
        if (nearest !== undefined) assert.equal(error.nearest, nearest);
        return true;
      });
    });
  }

  it('shows the place', () => assert.throws(() => compileStatement('set(attributes["a"], Nop("x"))', { context: 'span' }), /At character 22 of the statement: set\(attributes\["a"\], »Nop\("x"\)\)/));

  it('refuses deep nesting and long statements instead of running out of stack', () => {
    for (const text of [`${'('.repeat(50_000)}true`, `set(name, ${'['.repeat(30_000)}`, `set(name, "x") where ${'not '.repeat(10_000)}true`, `set(name, ${'Concat(['.repeat(5_000)}`]) {
      assert.throws(() => (text.startsWith('set') ? compileStatement(text, { context: 'span' }) : compileCondition(text, { context: 'span' })), /Nested more than 64 deep/);
    }
    assert.throws(() => compileStatement(`set(name, "${'x'.repeat(70_000)}")`, { context: 'span' }), /more than 65536/);
  });

  it('matches in linear time', () => {
    const context = subject();
    context.span.reset(span({ name: 'a'.repeat(100_000) + '!' }));
    assert.equal(compileCondition('IsMatch(name, "^(a+)+$") or IsMatch(name, "(a|aa)+$") or IsMatch(name, "(.*)*x")', { context: 'span' }).run(context), false);
    compileStatement('replace_pattern(name, "(a*)*b", "x")', { context: 'span' }).run(context);
    assert.equal(context.span.current.name.length, 100_001);
  });

  const failures: [string, RegExp][] = [
    ['set(attributes["a"], ParseJSON("{"))', /not JSON/], ['set(attributes["a"], 1 / (attributes["status"] - 200))', /division by zero/], ['set(attributes["a"], Substring(name, 3, 100))', /5 characters/], ['set(attributes["a"], Now())', /a time cannot be stored/],
    ['set(attributes["a"], ExtractGrokPatterns("x", "%{WORD:w:int}"))', /'x' is not of the type of w/], ['set(attributes["a"], ExtractGrokPatterns("x", Concat(["%{", "X}"], "")))', /no pattern 'X'/],
    ['set(attributes["a"], ParseSeverity("x", {"info": [{"equals": ["i"]}]}))', /no level is for 'x'/], ['set(attributes["a"], ParseSeverity(1.5, {}))', /string or int, found float/], ['set(attributes["a"], IsInCIDR("1.2.3.4", [name]))', /is no network/], ['set(attributes["a"], CommunityID("x", 1, "1.2.3.4", 2))', /source is no IP/], ['set(attributes["a"], CommunityID("1.2.3.4", 1, "1.2.3.4", 70000))', /destination's port is from 0 to 65535/], ['set(attributes["a"], CommunityID("1.2.3.4", 1, "1.2.3.4", 2, "IPX"))', /one of ICMP, TCP/],
    ['set(name, attributes["status"])', /a string was expected, found int/], ['set(attributes["status"]["x"], 1)', /type int cannot be indexed/], ['delete_key(attributes["status"], "x")', /expected map, found int/], ['set(attributes["a"], Concat(attributes["status"], ""))', /expected list, found int/],
    ['set(attributes["nested"]["list"][7], 1)', /2 values, there is none at 7/], ['set(attributes["a"], attributes["ok"] + 1)', /no '\+' between bool and int/], ['set(attributes["a"], Time("x", "%Y"))', /not of the form/], ['set(trace_id.string, "zz")', /32 hexadecimal digits/],
    ['set(attributes["a"], ParseJSON(Concat(["[", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]"], "")))', /not JSON/],
  ];
  for (const [statement, reason] of failures) it(`fails on data: ${statement}`, () => assert.throws(() => compileStatement(statement, { context: 'span' }).run(subject()), (error: unknown) => error instanceof OttlFailure && reason.test(error.message)));
});

describe('ottl contexts', () => {
  const infer = (...texts: string[]): OttlContext => inferContext(texts.map((text) => ({ text, kind: 'statement' })), ['resource', 'scope', 'span', 'spanevent']);

  it('are inferred from paths', () => {
    assert.equal(infer('set(resource.attributes["a"], 1)'), 'resource');
    assert.equal(infer('set(span.name, resource.attributes["a"])'), 'span');
    assert.equal(infer('set(span.name, "x") where spanevent.name == "y"'), 'spanevent');
    assert.throws(() => infer('set(name, "x")'), /begins with the name of its context/);
    assert.throws(() => infer('set(log.body, "x")'), /no place here/);
    assert.throws(() => compileStatement('set(span.name, name)', { context: 'span', prefixed: true }), /begins with the name of its context/);
  });
});
