import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { useSize } from '../design/use-size.js';
import { formatDuration } from '../time/duration.js';
import { step } from './keys.js';
import { foldedAbove, visibleNodes } from './model.js';
import type { TraceModel } from './model.js';
import { NameDivider } from './NameDivider.js';
import { ROW_HEIGHT, WaterfallRow } from './WaterfallRow.js';
import { offsetTicks } from './zoom.js';
import type { Zoom } from './zoom.js';
import './waterfall.css';

/** Rows drawn beyond the edges, so that scrolling shows no gap. */
const OVERSCAN = 14;

/** The spans as a tree beside their bars. Only the rows in sight are in the page, so thousands scroll like ten. */
export function Waterfall({ model, colours, zoom, selected, picks, select }: {
  readonly model: TraceModel; readonly colours: ReadonlyMap<string, string>; readonly zoom: Zoom; readonly selected: number;
  /** Grows with each selection. */
  readonly picks: number; readonly select: (index: number) => void;
}) {
  const [folded, setFolded] = useState<ReadonlySet<number>>(() => new Set());
  const rows = useMemo(() => visibleNodes(model, folded), [model, folded]);
  const [scroller, size] = useSize<HTMLDivElement>();
  const [top, setTop] = useState(0);
  const [nameShare, setNameShare] = useState(0.42);
  const shownPick = useRef(-1);

  const toggle = useCallback((index: number) => { setFolded((was) => toggled(was, index)); }, []);
  // What is selected from elsewhere, such as a log line, is unfolded and brought into sight, once: then it may be folded away.
  useEffect(() => {
    if (shownPick.current === picks) return;
    const above = foldedAbove(model, folded, selected);
    if (above.length > 0) {
      setFolded(new Set([...folded].filter((index) => !above.includes(index))));
      return;
    }
    const row = rows.indexOf(selected);
    const element = scroller.current;
    if (row < 0 || element === null || size.height === 0) return;
    shownPick.current = picks;
    const at = row * ROW_HEIGHT;
    if (at < element.scrollTop) element.scrollTop = at - ROW_HEIGHT;
    else if (at + ROW_HEIGHT > element.scrollTop + size.height) element.scrollTop = at - size.height + 2 * ROW_HEIGHT;
  }, [selected, picks, rows, folded, model, size.height, scroller]);

  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Where the selected span is folded away, the keys go on from what hides it.
    const current = foldedAbove(model, folded, selected).at(-1) ?? selected;
    const next = step(event.key, model, rows, folded, current, Math.max(1, Math.floor(size.height / ROW_HEIGHT) - 1));
    if (next === null) return;
    event.preventDefault();
    if (next.kind === 'select') select(next.index);
    else toggle(next.index);
  };

  // After folding, the browser tells the new place only a frame later.
  const shownTop = Math.min(top, Math.max(0, rows.length * ROW_HEIGHT - size.height));
  const first = Math.max(0, Math.floor(shownTop / ROW_HEIGHT) - OVERSCAN);
  const last = Math.min(rows.length, Math.ceil((shownTop + size.height) / ROW_HEIGHT) + OVERSCAN);
  const columns = `${(nameShare * 100).toFixed(2)}% minmax(0, 1fr)`;
  const ticks = useMemo(() => offsetTicks(model.durationNs, zoom, Math.max(2, Math.floor((size.width * (1 - nameShare)) / 110))), [model, zoom, size.width, nameShare]);
  const tickShare = (ns: number): number => (ns / Math.max(1, model.durationNs) - zoom.from) / (zoom.to - zoom.from);
  const tickPlace = (ns: number): string => `${tickShare(ns) * 100}%`;
  const all = folded.size === 0;
  return (
    <div className="waterfall">
      <div className="waterfall-head" style={{ gridTemplateColumns: columns }}>
        <div className="waterfall-head-name">
          <h2>Span</h2>
          <button type="button" className="text-button" onClick={() => { setFolded(all ? new Set(model.nodes.filter(({ below, depth }) => below > 0 && depth > 0).map(({ index }) => index)) : new Set()); }}>{all ? 'Fold all' : 'Unfold all'}</button>
        </div>
        <div className="waterfall-ruler numbers" aria-hidden="true">{ticks.map((ns) => <span key={ns} style={{ left: tickPlace(ns) }}>{tickShare(ns) < 0.9 && formatDuration(ns)}</span>)}</div>
        <NameDivider share={nameShare} change={setNameShare} />
      </div>
      <div className="waterfall-rows" ref={scroller} role="tree" tabIndex={0} aria-label={`${model.nodes.length} spans. Arrow keys move, left and right fold and unfold, n goes to the next failed span`}
        aria-activedescendant={rows.includes(selected) ? `span-${selected}` : undefined} onKeyDown={onKey} onScroll={(event) => { setTop(event.currentTarget.scrollTop); }}>
        <div className="waterfall-sheet" role="none" style={{ height: rows.length * ROW_HEIGHT }}>
          <div className="waterfall-lines" role="none" style={{ left: `${nameShare * 100}%` }}>{ticks.map((ns) => <i key={ns} style={{ left: tickPlace(ns) }} />)}</div>
          {rows.slice(first, last).map((index, at) => {
            const node = model.nodes[index];
            if (node === undefined) return null;
            const parent = model.nodes[node.parent];
            return (
              <WaterfallRow key={index} node={node} row={first + at} count={rows.length} columns={columns} colour={colours.get(node.span.service)} totalNs={model.durationNs} startNs={model.startNs} zoom={zoom}
                showService={parent?.span.service !== node.span.service} selected={index === selected} folded={folded.has(index)} select={select} toggle={toggle} />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function toggled(set: ReadonlySet<number>, index: number): ReadonlySet<number> {
  const next = new Set(set);
  if (!next.delete(index)) next.add(index);
  return next;
}
