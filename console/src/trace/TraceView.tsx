import { useCallback, useEffect, useMemo, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { ApiError } from '../api/errors.js';
import { useClient } from '../api/context.js';
import { loadTraceLogs } from '../api/trace-logs.js';
import { loadTrace } from '../api/trace.js';
import { useLoad } from '../api/use-load.js';
import { Link } from '../app/Link.js';
import { navigate, withPlaceParams } from '../app/place.js';
import { useTitle } from '../app/use-title.js';
import { Empty, Failure, Progress } from '../design/Notes.js';
import { useMedia } from '../design/use-media.js';
import { useServiceColours } from '../design/use-service-colours.js';
import { LogPane } from './LogPane.js';
import { readScope } from './log-scope.js';
import { Minimap } from './Minimap.js';
import { buildTrace, originOf } from './model.js';
import type { TraceModel } from './model.js';
import { SpanPane } from './SpanPane.js';
import { TraceHeader } from './TraceHeader.js';
import { Waterfall } from './Waterfall.js';
import { readZoom, zoomText } from './zoom.js';
import type { Zoom } from './zoom.js';
import './trace.css';

export function TraceView({ traceId, params }: { readonly traceId: string; readonly params: URLSearchParams }) {
  const client = useClient();
  const trace = useLoad(traceId, async (signal) => buildTrace(traceId, await loadTrace(client, traceId, signal)));
  const root = trace.data?.nodes[0]?.span;
  useTitle(root ? `${root.service} ${root.name}` : 'Trace');
  const missing = (trace.error instanceof ApiError && trace.error.status === 404) || trace.data?.nodes.length === 0;
  return (
    <div className="trace" aria-busy={trace.loading}>
      <Progress shown={trace.loading} label="Loading the trace" />
      {missing && !trace.loading && <NotFound traceId={traceId} retry={trace.reload} />}
      {trace.error && !missing && <div className="page"><Failure error={trace.error} retry={trace.reload} /></div>}
      {trace.data && !missing && <Trace model={trace.data} params={params} reload={trace.reload} />}
    </div>
  );
}

function Trace({ model, params, reload }: { readonly model: TraceModel; readonly params: URLSearchParams; readonly reload: () => void }) {
  const client = useClient();
  const colours = useServiceColours(useMemo(() => model.services.map(({ name }) => name), [model]));
  const logs = useLoad(model.traceId, (signal) => loadTraceLogs(client, model.traceId, signal));
  const { selected: picked, picks, select } = useSelection(model, params);
  const zoomParam = params.get('zoom');
  const zoom = useMemo(() => readZoom(zoomParam), [zoomParam]);
  const chooseZoom = useCallback((next: Zoom) => { change({ zoom: zoomText(next) }); }, []);
  const wide = useMedia('(min-width: 1700px)');
  const [tab, setTab] = useState<'span' | 'logs'>(() => (params.get('tab') === 'logs' || !params.has('span') ? 'logs' : 'span'));
  // Where a span's details are in sight, they are those of the one where the failure came from, or of the root, until another one is picked.
  const selected = picked < 0 && (wide || tab === 'span') ? originOf(model) : picked;
  const show = (next: 'span' | 'logs'): void => {
    setTab(next);
    change({ tab: next === 'logs' ? 'logs' : null });
  };
  const onTabKey = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    show(tab === 'span' ? 'logs' : 'span');
    event.currentTarget.querySelectorAll('button')[tab === 'span' ? 1 : 0]?.focus();
  };
  const selectSpan = useCallback((index: number) => {
    select(index);
    setTab('span');
  }, [select]);

  // From the one where the failure came from, and from there on round all that failed.
  const nextFailed = useCallback(() => {
    const first = picked < 0 && selected !== originOf(model);
    selectSpan(first ? originOf(model) : model.failed.find((one) => one > selected) ?? model.failed[0] ?? 0);
  }, [model, picked, selected, selectSpan]);
  const spanPane = <SpanPane model={model} selected={selected} colours={colours} select={select} />;
  const logPane = <LogPane model={model} selected={selected} colours={colours} logs={logs} select={select} scope={readScope(params.get('logs'))} choose={(scope) => { change({ logs: scope === 'all' ? null : scope }); }} />;
  const count = logs.data?.length;
  return (
    <>
      <TraceHeader model={model} colours={colours} reload={reload} nextFailed={nextFailed} />
      <div className={wide ? 'trace-body wide' : 'trace-body'}>
        <section className="trace-spans" aria-label="Spans">
          <Minimap model={model} colours={colours} zoom={zoom} choose={chooseZoom} />
          <Waterfall model={model} colours={colours} zoom={zoom} selected={selected} picks={picks} select={selectSpan} />
        </section>
        {wide ? (
          <>
            <section className="pane" aria-label="Selected span">{spanPane}</section>
            <section className="pane" aria-label="Log lines">{logPane}</section>
          </>
        ) : (
          <section className="pane" aria-label="Details">
            <div className="pane-tabs" role="tablist" aria-label="Details" onKeyDown={onTabKey}>
              <button type="button" role="tab" aria-selected={tab === 'span'} tabIndex={tab === 'span' ? 0 : -1} onClick={() => { show('span'); }}>Span</button>
              <button type="button" role="tab" aria-selected={tab === 'logs'} tabIndex={tab === 'logs' ? 0 : -1} onClick={() => { show('logs'); }}>Logs{count === undefined ? '' : <span className="tally">{count}</span>}</button>
            </div>
            <div className="pane-tab" role="tabpanel" aria-label={tab === 'span' ? 'Span' : 'Logs'}>{tab === 'span' ? spanPane : logPane}</div>
          </section>
        )}
      </div>
    </>
  );
}

/** Changes parameters of the address, without a step for the back button. */
function change(changes: Readonly<Record<string, string | null>>): void {
  navigate(withPlaceParams(location.pathname, new URLSearchParams(location.search), changes), 'replace');
}

/** The selected node, and how often one was picked, so that picking it again can bring it into sight again. The address follows a moment later: browsers refuse to change it at every key that is held down. */
function useSelection(model: TraceModel, params: URLSearchParams): { readonly selected: number; readonly picks: number; readonly select: (index: number) => void } {
  const wanted = params.get('span') ?? '';
  const [state, setState] = useState({ wanted, selected: model.byId.get(wanted) ?? -1, picks: 0 });
  // The address was changed by something else, such as the back button.
  if (state.wanted !== wanted) setState({ wanted, selected: model.byId.get(wanted) ?? -1, picks: state.picks + 1 });
  const spanId = model.nodes[state.selected]?.span.spanId ?? '';
  useEffect(() => {
    if (spanId === '' || spanId === wanted) return undefined;
    const timer = setTimeout(() => {
      setState((was) => ({ ...was, wanted: spanId }));
      change({ span: spanId });
    }, 200);
    return () => { clearTimeout(timer); };
  }, [spanId, wanted]);
  const select = useCallback((selected: number) => { setState((was) => ({ ...was, selected, picks: was.picks + 1 })); }, []);
  return { selected: state.selected, picks: state.picks, select };
}

function NotFound({ traceId, retry }: { readonly traceId: string; readonly retry: () => void }) {
  return (
    <Empty title="This trace is not here">
      <p><code>{traceId}</code></p>
      <p>It may be older than the retention keeps, belong to another tenant, or not have arrived yet: agents send what they have every few seconds.</p>
      <div className="traces-ways"><button type="button" className="button" onClick={retry}>Look again</button><Link className="button" href="/traces">Search traces</Link></div>
    </Empty>
  );
}
