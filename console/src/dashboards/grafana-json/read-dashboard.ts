import { field, listOf, numberOf, textOf } from '../../api/json.js';
import type { Json } from '../../api/json.js';
import type { Dashboard, Panel, Section } from '../model.js';
import { readPanel } from './read-panel.js';
import { readVariable } from '../variables/variables.js';
import type { Variable } from '../variables/variables.js';

/** Grafana's dashboard JSON, as its schema has it since version 16 (rows are panels). */
export function readDashboard(json: Json): Dashboard {
  return {
    uid: textOf(field(json, 'uid')),
    title: textOf(field(json, 'title'), 'Dashboard'),
    description: textOf(field(json, 'description')),
    tags: listOf(field(json, 'tags')).map((tag) => textOf(tag)),
    range: { from: textOf(field(json, 'time', 'from'), 'now-1h'), to: textOf(field(json, 'time', 'to'), 'now') },
    refresh: textOf(field(json, 'refresh')),
    variables: listOf(field(json, 'templating', 'list')).map(readVariable).filter((variable): variable is Variable => variable !== null),
    sections: readSections(listOf(field(json, 'panels'))),
  };
}

/** A row that is folded holds its panels; the panels of an open one follow it. */
function readSections(panels: readonly Json[]): readonly Section[] {
  const sections: { title: string | null; collapsed: boolean; panels: Panel[] }[] = [{ title: null, collapsed: false, panels: [] }];
  const ordered = [...panels].sort((a, b) => numberOf(field(a, 'gridPos', 'y')) - numberOf(field(b, 'gridPos', 'y')) || numberOf(field(a, 'gridPos', 'x')) - numberOf(field(b, 'gridPos', 'x')));
  for (const panel of ordered) {
    if (field(panel, 'type') === 'row') sections.push({ title: textOf(field(panel, 'title')), collapsed: field(panel, 'collapsed') === true, panels: listOf(field(panel, 'panels')).map(readPanel) });
    else sections.at(-1)?.panels.push(readPanel(panel));
  }
  return sections.filter(({ title, panels: own }) => title !== null || own.length > 0).map((section) => ({ ...section, panels: fromTop(section.panels) }));
}

function fromTop(panels: readonly Panel[]): readonly Panel[] {
  const top = Math.min(...panels.map(({ place }) => place.y));
  return panels.map((panel) => ({ ...panel, place: { ...panel.place, y: panel.place.y - top } }));
}
