import { entriesOf, field, listOf, numberOf, textOf } from '../../api/json.js';
import type { Json } from '../../api/json.js';
import type { FieldStyle, Organize, Panel, Target, ThresholdStep } from '../model.js';
import { numbersByKey, readPlace } from './grid-place.js';
import { reducers } from '../values/reduce.js';
import { isKnownUnit } from '../values/units.js';

const types = ['timeseries', 'stat', 'table'] as const;

/** One panel, with a list of what it asks for and will not get. */
export function readPanel(panel: Json): Panel {
  const type = types.find((one) => one === field(panel, 'type'));
  const defaults = field(panel, 'fieldConfig', 'defaults');
  const custom = field(defaults, 'custom');
  const options = field(panel, 'options');
  const targets = listOf(field(panel, 'targets')).filter((target) => field(target, 'hide') !== true);
  return {
    id: numberOf(field(panel, 'id')),
    type: type ?? 'unsupported',
    title: textOf(field(panel, 'title')),
    description: textOf(field(panel, 'description')),
    place: readPlace(field(panel, 'gridPos')),
    targets: targets.map(readTarget),
    style: { unit: textOf(field(defaults, 'unit')), decimals: optionalNumber(field(defaults, 'decimals')), noValue: textOf(field(defaults, 'noValue')), thresholds: readThresholds(field(defaults, 'thresholds')) },
    overrides: readOverrides(field(panel, 'fieldConfig', 'overrides')),
    interval: textOf(field(panel, 'interval')),
    maxPoints: optionalNumber(field(panel, 'maxDataPoints')),
    lines: {
      min: optionalNumber(field(defaults, 'min')), max: optionalNumber(field(defaults, 'max')), softMax: optionalNumber(field(custom, 'axisSoftMax')),
      fill: numberOf(field(custom, 'fillOpacity')) / 100, width: numberOf(field(custom, 'lineWidth'), 1), stacked: field(custom, 'stacking', 'mode') === 'normal',
    },
    legend: { shown: field(options, 'legend', 'showLegend') !== false && field(options, 'legend', 'displayMode') !== 'hidden', calcs: listOf(field(options, 'legend', 'calcs')).map((calc) => textOf(calc)).filter((calc) => calc in reducers) },
    stat: { calc: textOf(listOf(field(options, 'reduceOptions', 'calcs'))[0], 'lastNotNull'), sparkline: field(options, 'graphMode') !== 'none' },
    table: { merge: transformations(panel).includes('merge'), organize: readOrganize(panel), sort: readSort(options) },
    faults: type === undefined
      ? [`The console does not show panels of the type “${textOf(field(panel, 'type'), '?')}”. Grafana does: it reads the same JSON.`]
      : faultsOf(panel, targets),
  };
}

function readTarget(target: Json, index: number): Target {
  return {
    refId: textOf(field(target, 'refId'), String.fromCharCode(65 + index)),
    expr: textOf(field(target, 'expr')),
    legend: textOf(field(target, 'legendFormat')),
    instant: field(target, 'instant') === true && field(target, 'range') !== true,
    exemplars: field(target, 'exemplar') === true,
    interval: textOf(field(target, 'interval')),
  };
}

function readThresholds(json: Json | undefined): readonly ThresholdStep[] {
  if (textOf(field(json, 'mode'), 'absolute') !== 'absolute') return [];
  return listOf(field(json, 'steps')).map((step) => {
    const value = field(step, 'value');
    return { from: value === null || value === undefined ? -Infinity : numberOf(value), colour: textOf(field(step, 'color')) };
  });
}

const styled = new Set(['unit', 'decimals', 'noValue', 'thresholds']);

function readOverrides(json: Json | undefined): ReadonlyMap<string, Partial<FieldStyle>> {
  return new Map(listOf(json).filter((override) => field(override, 'matcher', 'id') === 'byName').map((override) => {
    const properties = new Map(listOf(field(override, 'properties')).map((property) => [textOf(field(property, 'id')), field(property, 'value')]));
    return [textOf(field(override, 'matcher', 'options')), {
      ...(properties.has('unit') ? { unit: textOf(properties.get('unit')) } : {}),
      ...(properties.has('decimals') ? { decimals: optionalNumber(properties.get('decimals')) } : {}),
      ...(properties.has('noValue') ? { noValue: textOf(properties.get('noValue')) } : {}),
      ...(properties.has('thresholds') ? { thresholds: readThresholds(properties.get('thresholds')) } : {}),
    }];
  }));
}

function transformations(panel: Json): readonly string[] {
  return listOf(field(panel, 'transformations')).map((one) => textOf(field(one, 'id')));
}

function readOrganize(panel: Json): Organize {
  const options = field(listOf(field(panel, 'transformations')).find((one) => field(one, 'id') === 'organize'), 'options');
  return {
    hidden: new Set(entriesOf(field(options, 'excludeByName')).filter(([, hidden]) => hidden === true).map(([name]) => name)),
    order: numbersByKey(field(options, 'indexByName')),
    names: new Map(entriesOf(field(options, 'renameByName')).map(([from, to]) => [from, textOf(to)])),
  };
}

function readSort(options: Json | undefined): Panel['table']['sort'] {
  const first = listOf(field(options, 'sortBy'))[0];
  return first === undefined ? null : { column: textOf(field(first, 'displayName')), descending: field(first, 'desc') === true };
}

/** What stands in the panel and is not shown. */
function faultsOf(panel: Json, targets: readonly Json[]): readonly string[] {
  const faults: string[] = [];
  const defaults = field(panel, 'fieldConfig', 'defaults');
  const custom = field(defaults, 'custom');
  const overrides = listOf(field(panel, 'fieldConfig', 'overrides'));
  const say = (unlessFine: boolean, text: string): void => { if (unlessFine) faults.push(text); };
  const foreign = [...targets, panel].map((one) => textOf(field(one, 'datasource', 'type'))).find((type) => type !== '' && type !== 'prometheus');
  say(foreign !== undefined, `Data of the type “${foreign ?? ''}” is not read; Prometheus alone is.`);
  say(targets.length === 0 || targets.some((target) => textOf(field(target, 'expr')) === ''), 'A query without an expression is left out.');
  const unit = textOf(field(defaults, 'unit'));
  say(!isKnownUnit(unit), `The unit “${unit}” is not known; values are plain numbers.`);
  say(textOf(field(defaults, 'thresholds', 'mode'), 'absolute') !== 'absolute', 'Thresholds in percent are not shown.');
  say(listOf(field(defaults, 'mappings')).length > 0, 'Value mappings are not applied.');
  say(field(panel, 'repeat') !== undefined && textOf(field(panel, 'repeat')) !== '', 'The panel is not repeated for each value of its variable.');
  say(!['', 'line'].includes(textOf(field(custom, 'drawStyle'))), 'Drawn as lines.');
  say(!['', 'none', 'normal'].includes(textOf(field(custom, 'stacking', 'mode'))), 'Stacking to 100 percent is not shown.');
  say(field(panel, 'timeFrom') !== undefined || field(panel, 'timeShift') !== undefined, 'A time range of its own is not applied.');
  const unknown = transformations(panel).filter((id) => !(['merge', 'organize'].includes(id) && field(panel, 'type') === 'table'));
  say(unknown.length > 0, `Transformations are not applied: ${unknown.join(', ')}.`);
  const lost = overrides.some((override) => field(override, 'matcher', 'id') !== 'byName' || listOf(field(override, 'properties')).some((property) => !styled.has(textOf(field(property, 'id')))));
  say(lost, 'Some overrides of fields are not applied.');
  const calc = textOf(listOf(field(panel, 'options', 'reduceOptions', 'calcs'))[0], 'lastNotNull');
  say(field(panel, 'type') === 'stat' && !(calc in reducers), `The calculation “${calc}” is not known; the last value is shown.`);
  return faults;
}

function optionalNumber(value: Json | undefined): number | null {
  return value === undefined || value === null ? null : numberOf(value);
}
