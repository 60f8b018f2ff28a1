import { ConfigError, mistakeAt, type ConfigMistake } from '../../config/error.js';
import { nearestName } from '../../config/nearest.js';
import type { ConfigPlace } from '../../config/place.js';
import { parseSection } from '../../config/section.js';
import { compileCondition } from './expression.js';
import { operator } from './operator.js';
import { DROP, END, Program, type Action, type Step } from './program.js';
import { Recombiner } from './recombine.js';
import { OPERATORS, isOperatorType, type OperatorConfig } from './schemas.js';
import { valueTemplate } from './value-template.js';

/** Operators of the Collector that write entries somewhere: here records go to the pipelines. */
const OUTPUTS: ReadonlySet<string> = new Set(['stdout', 'file_output', 'drop_output']);

interface Parsed {
  readonly id: string;
  readonly config: OperatorConfig;
  readonly at: ConfigPlace;
}

/** The program of a list of operators, or what is wrong with it. */
export function compileOperators(list: readonly Readonly<Record<string, unknown>>[], place: ConfigPlace): { readonly program: Program | null; readonly mistakes: readonly ConfigMistake[] } {
  const mistakes: ConfigMistake[] = [];
  const attempt = (at: ConfigPlace, run: () => void): void => {
    try {
      run();
    } catch (error) {
      if (error instanceof ConfigError) mistakes.push(...error.mistakes);
      else mistakes.push(mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', `${error instanceof Error ? error.message : String(error)}.`));
    }
  };
  const parsed: Parsed[] = [];
  list.forEach((raw, i) => {
    const at = place.child(i);
    const { type } = raw;
    if (!isOperatorType(type)) mistakes.push(unknownType(type, at.child('type')));
    else {
      attempt(at, () => {
        const config = parseSection(OPERATORS[type], raw, at) as OperatorConfig;
        parsed.push({ id: freeId(config.id, type, parsed), config, at });
      });
    }
  });
  const complete = parsed.length === list.length;
  const places = new Map<string, number>();
  parsed.forEach(({ id, at }, i) => {
    if (places.has(id)) mistakes.push(mistakeAt(at.child('id'), 'SBX_CONFIG_BAD_VALUE', `the id '${id}' is taken by another operator: give this one its own.`));
    places.set(id, i);
  });
  const outputOf = (id: string, at: ConfigPlace): number => {
    const found = places.get(id);
    if (found !== undefined) return found;
    if (complete) mistakes.push(mistakeAt(at, 'SBX_CONFIG_BAD_VALUE', `there is no operator with the id '${id}'; those there are: ${[...places.keys()].join(', ')}.`, { nearest: nearestName(id, [...places.keys()]) }));
    return END;
  };
  const steps: Step[] = [];
  parsed.forEach(({ id, config, at }, i) => {
    const next = i + 1 < parsed.length ? i + 1 : END;
    if (config.type === 'router') {
      attempt(at, () => {
        const routes = config.routes.map((route, n) => ({
          test: compileCondition(route.expr), to: outputOf(route.output, at.child('routes').child(n).child('output')),
          attributes: Object.entries(route.attributes).map(([key, value]) => [key, valueTemplate(value)] as const),
        }));
        steps.push({ id, condition: null, drops: false, next: config.default === undefined ? DROP : outputOf(config.default, at.child('default')), action: { kind: 'router', routes } });
      });
      return;
    }
    attempt(at, () => steps.push({ id, condition: config.if === undefined ? null : compileCondition(config.if), drops: config.on_error.startsWith('drop'), next: config.output === undefined ? next : outputOf(config.output, at.child('output')), action: actionOf(config) }));
  });
  if (mistakes.length === 0) {
    const circle = circleOf(steps);
    if (circle !== null) mistakes.push(mistakeAt(place, 'SBX_CONFIG_BAD_VALUE', `outputs lead in a circle: ${circle.join(' → ')}.`));
  }
  return mistakes.length > 0 ? { program: null, mistakes } : { program: new Program(steps), mistakes };
}

function actionOf(config: Exclude<OperatorConfig, { readonly type: 'router' }>): Action {
  if (config.type === 'recombine') return { kind: 'recombine', recombiner: new Recombiner(config) };
  if (config.type === 'filter') return { kind: 'filter', test: compileCondition(config.expr), dropRatio: config.drop_ratio };
  return { kind: 'change', run: operator(config) };
}

function unknownType(type: unknown, at: ConfigPlace): ConfigMistake {
  const known = Object.keys(OPERATORS);
  if (type === undefined) return mistakeAt(at, 'SBX_CONFIG_MISSING', `an operator needs a type; those there are: ${known.join(', ')}.`);
  const isOutput = typeof type === 'string' && OUTPUTS.has(type);
  const remedy = isOutput ? 'Records go on to the pipelines of the receiver: leave it out; filter drops records, the exporters file and debug write them.' : 'What changes records can also be done by processors (transform, filter, logparser).';
  return mistakeAt(at, 'SBX_CONFIG_UNSUPPORTED', `there is no operator '${String(type)}' here; those there are: ${known.join(', ')}. ${remedy}`, { nearest: typeof type === 'string' && !isOutput ? nearestName(type, known) : null });
}

/** As the Collector names operators without an id: by their type, with a number from the second on. */
function freeId(id: string | undefined, type: string, before: readonly Parsed[]): string {
  if (id !== undefined) return id;
  for (let n = 0; ; n++) {
    const name = n === 0 ? type : `${type}${n}`;
    if (!before.some((each) => each.id === name)) return name;
  }
}

/** Ids of operators that follow one another in a circle, or null. */
function circleOf(steps: readonly Step[]): string[] | null {
  const done = new Set<number>();
  const walk = (index: number, path: readonly number[]): string[] | null => {
    if (index < 0 || done.has(index)) return null;
    const begin = path.indexOf(index);
    if (begin >= 0) return [...path.slice(begin), index].map((each) => steps[each]!.id);
    const { action, next } = steps[index]!;
    for (const to of [next, ...(action.kind === 'router' ? action.routes.map((route) => route.to) : [])]) {
      const found = walk(to, [...path, index]);
      if (found !== null) return found;
    }
    done.add(index);
    return null;
  };
  for (let i = 0; i < steps.length; i++) {
    const found = walk(i, []);
    if (found !== null) return found;
  }
  return null;
}
