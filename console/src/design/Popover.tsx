import { useEffect, useLayoutEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import './popover.css';

/** A box below the button that opens it, above everything else and within the window; closes by Escape, by a press elsewhere and when the focus leaves it. */
export function Popover({ open, close, label, trigger, children, align = 'start' }: {
  readonly open: boolean; readonly close: () => void; readonly label: string; readonly trigger: ReactNode; readonly children: ReactNode; readonly align?: 'start' | 'end';
}) {
  const wrap = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!open || box.current === null || wrap.current === null) return undefined;
    const element = box.current;
    const anchor = wrap.current;
    const put = (): void => { place(element, anchor.getBoundingClientRect(), align); };
    element.showPopover();
    put();
    // What is loaded later may change its size.
    const observer = new ResizeObserver(put);
    observer.observe(element);
    window.addEventListener('resize', put);
    document.addEventListener('scroll', put, true);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', put);
      document.removeEventListener('scroll', put, true);
    };
  }, [open, align]);
  useEffect(() => {
    if (!open) return undefined;
    const elsewhere = (event: Event): void => {
      if (event.target instanceof Node && !wrap.current?.contains(event.target)) close();
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      close();
      wrap.current?.querySelector('button')?.focus();
    };
    document.addEventListener('pointerdown', elsewhere);
    document.addEventListener('focusin', elsewhere);
    document.addEventListener('keydown', escape);
    return () => {
      document.removeEventListener('pointerdown', elsewhere);
      document.removeEventListener('focusin', elsewhere);
      document.removeEventListener('keydown', escape);
    };
  }, [open, close]);
  return (
    <div className="popover-wrap" ref={wrap}>
      {trigger}
      {open && <div className="popover" popover="manual" ref={box} role="dialog" aria-label={label}>{children}</div>}
    </div>
  );
}

const MARGIN = 8;

/** Below the anchor, or above it where there is no room below. */
function place(element: HTMLElement, anchor: DOMRect, align: 'start' | 'end'): void {
  const { offsetWidth: width, offsetHeight: height } = element;
  const left = align === 'start' ? anchor.left : anchor.right - width;
  const below = anchor.bottom + 4;
  const top = below + height + MARGIN > window.innerHeight && anchor.top - height - 4 > MARGIN ? anchor.top - height - 4 : below;
  element.style.minWidth = `${anchor.width}px`;
  element.style.left = `${Math.max(MARGIN, Math.min(left, window.innerWidth - width - MARGIN))}px`;
  element.style.top = `${Math.max(MARGIN, Math.min(top, window.innerHeight - height - MARGIN))}px`;
}
