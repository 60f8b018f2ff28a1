import { useMemo, useState } from 'react';
import type { CSSProperties } from 'react';
import { ApiError } from '../api/errors.js';
import { loadDashboard } from '../api/dashboards.js';
import { useClient } from '../api/context.js';
import { useLoad } from '../api/use-load.js';
import { Link } from '../app/Link.js';
import { navigate, withPlaceParams } from '../app/place.js';
import { useTitle } from '../app/use-title.js';
import { Empty, Failure, Progress } from '../design/Notes.js';
import { Instrument } from '../status/Instrument.js';
import { RangePicker } from '../time/RangePicker.js';
import { readRefresh, refreshEveryMs } from '../time/refresh.js';
import { RefreshPicker } from '../time/RefreshPicker.js';
import { useNow } from '../time/use-now.js';
import { readRange, resolve } from '../time/range.js';
import type { TimeRange } from '../time/range.js';
import type { Dashboard, Section } from './model.js';
import { PanelFrame } from './panels/PanelFrame.js';
import { readDashboard } from './grafana-json/read-dashboard.js';
import { useChoices } from './variables/use-choices.js';
import { VariablePicker } from './variables/VariablePicker.js';
import type { Choice } from './variables/variables.js';
import './dashboards.css';

export function DashboardView({ uid, params }: { readonly uid: string; readonly params: URLSearchParams }) {
  const client = useClient();
  const loaded = useLoad(uid, async (signal) => readDashboard(await loadDashboard(client, uid, signal)));
  useTitle(loaded.data?.title ?? 'Dashboard');
  const missing = loaded.error instanceof ApiError && loaded.error.status === 404;
  return (
    <div className="page dashboard" aria-busy={loaded.loading}>
      <Progress shown={loaded.loading} label="Loading the dashboard" />
      {missing && <Empty title="There is no such dashboard"><p><code>{uid}</code> is not among <Link href="/dashboards">the dashboards</Link>.</p></Empty>}
      {loaded.error && !missing && <Failure error={loaded.error} retry={loaded.reload} />}
      {loaded.data && <Shown dashboard={loaded.data} params={params} />}
    </div>
  );
}

function Shown({ dashboard, params }: { readonly dashboard: Dashboard; readonly params: URLSearchParams }) {
  const range = readRange(params, dashboard.range);
  const refresh = readRefresh(params.get('refresh') ?? dashboard.refresh);
  const [now, renew] = useNow(refreshEveryMs(refresh, range));
  const { fromMs, toMs } = resolve(range, now);
  const span = useMemo(() => ({ fromMs, toMs }), [fromMs, toMs]);
  const { choices, error, reload } = useChoices(dashboard, params, span);

  const change = (changes: Readonly<Record<string, string | null>>, how: 'push' | 'replace' = 'push'): void => {
    renew();
    navigate(withPlaceParams(location.pathname, new URLSearchParams(location.search), changes), how);
  };
  const choose = (name: string, chosen: readonly string[]): void => {
    const next = new URLSearchParams(location.search);
    next.delete(`var-${name}`);
    for (const value of chosen) next.append(`var-${name}`, value);
    navigate(`${location.pathname}?${next.toString()}`);
  };
  return (
    <>
      <div className="page-head dashboard-head">
        <h1>{dashboard.title}</h1>
        {(choices ?? []).map((choice) => <VariablePicker key={choice.variable.name} choice={choice} change={(chosen) => { choose(choice.variable.name, chosen); }} />)}
        <span className="spacer" />
        <RangePicker range={range} align="end" choose={({ from, to }) => { change({ from, to }); }} />
        <RefreshPicker refresh={refresh} choose={(next) => { change({ refresh: next === '' ? 'off' : next }, 'replace'); }} now={renew} />
      </div>
      {error && <Failure error={error} retry={reload} />}
      {choices?.some(({ variable, options }) => variable.source.kind === 'values' && options.length === 0) && <Unfilled />}
      {choices && <Sections sections={dashboard.sections} choices={choices} range={range} span={span} zoom={(from, to) => { change({ from: String(from), to: String(to) }); }} />}
    </>
  );
}

/** Said above panels that can only be empty. */
function Unfilled() {
  return (
    <div className="panel dashboard-hint">
      <p>Nothing that this dashboard shows was measured in this time range. Applications that run with the agent send their metrics every 10 seconds:</p>
      <Instrument />
    </div>
  );
}

function Sections({ sections, choices, range, span, zoom }: {
  readonly sections: readonly Section[]; readonly choices: readonly Choice[]; readonly range: TimeRange; readonly span: { readonly fromMs: number; readonly toMs: number }; readonly zoom: (fromMs: number, toMs: number) => void;
}) {
  const [folded, setFolded] = useState<ReadonlySet<number>>(() => new Set(sections.flatMap(({ collapsed }, index) => (collapsed ? [index] : []))));
  const toggle = (index: number): void => {
    const next = new Set(folded);
    if (!next.delete(index)) next.add(index);
    setFolded(next);
  };
  return sections.map((section, index) => (
    <section key={index} className="dashboard-section" aria-label={section.title ?? 'Panels'}>
      {section.title !== null && (
        <h2><button type="button" aria-expanded={!folded.has(index)} onClick={() => { toggle(index); }}><svg width="9" height="9" viewBox="0 0 9 9" aria-hidden="true"><path d="M1.5 3 4.5 6 7.5 3" fill="none" stroke="currentColor" strokeWidth="1.5" /></svg>{section.title}{folded.has(index) && <span className="muted"> {section.panels.length} panels</span>}</button></h2>
      )}
      {!folded.has(index) && (
        <div className="dashboard-grid">
          {section.panels.map((panel, at) => (
            <div key={`${panel.id} ${at}`} className={panel.place.w <= 6 ? 'small' : undefined} style={{ '--x': panel.place.x, '--y': panel.place.y, '--w': panel.place.w, '--h': panel.place.h } as CSSProperties}>
              <PanelFrame panel={panel} choices={choices} range={range} span={span} zoom={zoom} />
            </div>
          ))}
        </div>
      )}
    </section>
  ));
}
