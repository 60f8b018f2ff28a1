import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import './popover.css';

/** A box below the button that opens it; closes by Escape, by a press elsewhere and when the focus leaves it. */
export function Popover({ open, close, label, trigger, children, align = 'start' }: {
  readonly open: boolean; readonly close: () => void; readonly label: string; readonly trigger: ReactNode; readonly children: ReactNode; readonly align?: 'start' | 'end';
}) {
  const wrap = useRef<HTMLDivElement>(null);
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
      {open && <div className={`popover ${align}`} role="dialog" aria-label={label}>{children}</div>}
    </div>
  );
}
