import type { DefinedComponents } from './components.js';
import { mistakeAt, type ConfigMistake } from '../error.js';
import type { ConfiguredPipeline } from '../loaded.js';
import type { ConfigPlace } from '../place.js';

/**
 * What pipelines and connectors must be to each other: both ends used, names of their own, one pipeline of a signal each, and no circle.
 * `areAll`: there is no further pipeline, one with mistakes, that may be at the other side.
 */
export function checkConnectors(pipelines: readonly ConfiguredPipeline[], areAll: boolean, defined: DefinedComponents, place: ConfigPlace, mistakes: ConfigMistake[]): void {
  for (const connector of defined.connector) {
    const { id } = connector;
    const twin = (['receiver', 'exporter'] as const).find((kind) => defined[kind].some((component) => component.id === id));
    if (twin !== undefined) mistakes.push(mistakeAt(connector.place, 'SBX_CONFIG_PIPELINE', `there is also ${twin === 'exporter' ? 'an exporter' : 'a receiver'} '${id}', so that pipelines cannot tell which is meant: give the connector a name of its own, such as '${id}/connector'.`, { atKey: true }));
    const ended = pipelines.filter((pipeline) => pipeline.exporters.includes(id));
    const twice = ended.find(({ signal }, i) => ended.findIndex((other) => other.signal === signal) < i);
    if (twice !== undefined) {
      const names = ended.filter(({ signal }) => signal === twice.signal).map(({ name }) => `'${name}'`);
      mistakes.push(mistakeAt(connector.place, 'SBX_CONFIG_PIPELINE', `the connector '${id}' ends ${names.join(' and ')}, and would tell the same series once for each, with different values: give each pipeline a connector of its own, such as '${id}/a' and '${id}/b', or make them one pipeline.`, { atKey: true }));
    }
    const ends = ended.length > 0;
    const begins = pipelines.some((pipeline) => pipeline.receivers.includes(id));
    if (ends === begins || !areAll) continue;
    const { takes, gives } = connector.factory ?? {};
    const missing = ends
      ? `no pipeline has it as a receiver, so what it derives would go nowhere: list it below 'receivers' of a pipeline${gives ? ` of ${gives.join(' or ')}` : ''}`
      : `no pipeline has it as an exporter, so it would be given nothing: list it below 'exporters' of a pipeline${takes ? ` of ${takes.join(' or ')}` : ''}`;
    mistakes.push(mistakeAt(connector.place, 'SBX_CONFIG_PIPELINE', `the connector '${id}' stands at one side only: ${missing}.`, { atKey: true }));
  }
  const circle = findCircle(pipelines, new Set(defined.connector.map(({ id }) => id)));
  if (circle) mistakes.push(mistakeAt(place.child(circle[0]!).child('exporters'), 'SBX_CONFIG_PIPELINE', `connectors lead in a circle, so that data would never end: ${circle.join(' → ')}. Take one of them out.`));
}

/** `[pipeline, connector, pipeline, …]` from a pipeline back to itself, or null. */
function findCircle(pipelines: readonly ConfiguredPipeline[], connectors: ReadonlySet<string>): readonly string[] | null {
  const done = new Set<string>();
  const visit = (pipeline: ConfiguredPipeline, path: readonly string[]): readonly string[] | null => {
    const seen = path.indexOf(pipeline.name);
    if (seen >= 0) return [...path.slice(seen), pipeline.name];
    if (done.has(pipeline.name)) return null;
    for (const connector of pipeline.exporters.filter((id) => connectors.has(id))) {
      for (const next of pipelines.filter(({ receivers }) => receivers.includes(connector))) {
        const circle = visit(next, [...path, pipeline.name, connector]);
        if (circle) return circle;
      }
    }
    done.add(pipeline.name);
    return null;
  };
  for (const pipeline of pipelines) {
    const circle = visit(pipeline, []);
    if (circle) return circle;
  }
  return null;
}
