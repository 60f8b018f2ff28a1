import { use } from 'react';
import { ApiError, isUnreachable } from '../../api/errors.js';
import { Link } from '../../app/Link.js';
import { SearchIcon } from '../../design/icons.js';
import { exploreHref } from '../../explore/explore-query.js';
import { interpolate } from '../variables/interpolate.js';
import { Progress } from '../../design/Notes.js';
import { KnownServices } from '../../design/use-service-colours.js';
import { useSize } from '../../design/use-size.js';
import type { TimeRange } from '../../time/range.js';
import type { Panel } from '../model.js';
import { StatPanel } from './StatPanel.js';
import { TablePanel } from './TablePanel.js';
import { TimeseriesPanel } from './TimeseriesPanel.js';
import { usePanelData } from './use-panel-data.js';
import type { Choice } from '../variables/variables.js';
import { conditionsOfChoices } from '../ways/trace-conditions.js';
import type { Source } from '../ways/ways.js';
import './panels.css';

/** A panel's border, title, and what is to be said of it; within, what its type draws. */
export function PanelFrame({ panel, choices, range, span, zoom, explored = false }: {
  readonly panel: Panel; readonly choices: readonly Choice[]; readonly range: TimeRange; readonly span: { readonly fromMs: number; readonly toMs: number }; readonly zoom: (fromMs: number, toMs: number) => void;
  /** The query is being asked further already. */
  readonly explored?: boolean;
}) {
  const [ref, size] = useSize<HTMLDivElement>();
  const { data, error, loading } = usePanelData(panel, choices, span, size.width);
  const expr = panel.type === 'unsupported' || explored ? '' : interpolate(panel.targets.find((target) => target.expr !== '')?.expr ?? '', choices, null);
  const services = use(KnownServices);
  const source: Source = { conditions: conditionsOfChoices(choices, services), range };
  // What was seen last is better than nothing, as long as it is said to be that.
  const stale = data !== undefined && isUnreachable(error);
  const content = (): React.JSX.Element | null => {
    if (panel.type === 'unsupported') return <p className="panel-note">{panel.faults[0]}</p>;
    if (error !== undefined && !stale) return <div className="panel-error" role="alert">{error.message}<p>{error instanceof ApiError ? error.remedy : ''}</p></div>;
    if (data === undefined || size.width === 0) return loading ? <p className="panel-note late">Loading…</p> : null;
    if (data.series.length === 0 && panel.type !== 'stat') return <p className="panel-note">{panel.style.noValue || 'No data in this time range'}</p>;
    if (panel.type === 'stat') return <StatPanel panel={panel} data={data} size={size} source={source} />;
    if (panel.type === 'table') return <TablePanel panel={panel} data={data} source={source} />;
    return <TimeseriesPanel panel={panel} data={data} size={size} zoom={zoom} source={source} />;
  };
  return (
    <article className="panel panel-frame" aria-label={panel.title} aria-busy={loading}>
      <Progress shown={loading} label={`Loading ${panel.title}`} />
      <header className="panel-head" title={panel.description || undefined}>
        <h3>{panel.title}</h3>
        {panel.type !== 'unsupported' && panel.faults.length > 0 && <span className="tally warn panel-fault" tabIndex={0} title={panel.faults.join('\n')} aria-label={`Not shown as written: ${panel.faults.join(' ')}`}>partly shown</span>}
        {stale && <span className="tally error panel-fault" role="alert" title={error?.message}>not answered</span>}
        {expr !== '' && <Link className="button quiet small icon panel-explore" href={exploreHref({ expr, range })} title="Ask further with this query" aria-label={`Ask further with the query of ${panel.title}`}><SearchIcon /></Link>}
      </header>
      <div className="panel-body" ref={ref}>{content()}</div>
    </article>
  );
}
