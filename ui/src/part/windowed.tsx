import './table.css';

import { Checkbox, Group, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Column, Head, type Sort } from './table';

const line = 36;

/** The rows that are marked, by their keys. */
export interface Marks {
  has: (key: string) => boolean;
  toggle: (key: string) => void;
  /** What the box of a row is called. */
  label: (key: string) => string;
  head: string;
}

interface WindowedProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  /** How many rows there are on the server. */
  total: number;
  /** A row by its place; undefined: it is on its way. */
  rowAt: (index: number) => Row | undefined;
  rowKey: (row: Row) => string;
  /** Told which rows are in sight. */
  onRange: (first: number, last: number) => void;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  onOpen?: (row: Row) => void;
  marks?: Marks;
  /** What is shown is the answer to an earlier question. */
  old?: boolean;
  filters?: ReactNode;
  status?: ReactNode;
  height?: number | string;
}

/**
 * A table of rows that stay on the server: any stretch of them can be looked at, and only
 * that is fetched. Arrows, Home, End and pages move, Enter opens, the space bar marks.
 */
export function Windowed<Row>(props: WindowedProps<Row>) {
  const { label, columns, total, rowAt, rowKey, onRange, onOpen, marks, old = false, filters, status, height = 560 } = props;
  const { t } = useTranslation();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({ count: total, getScrollElement: () => box.current, estimateSize: () => line, overscan: 12 });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onRange(first, last), [first, last, onRange]);
  const mark = marks === undefined ? '' : '40px ';
  const tracks = { gridTemplateColumns: mark + columns.map((c) => c.width ?? 'minmax(96px, 1fr)').join(' ') };
  const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / line) - 2);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current) return;
    const row = rowAt(active);
    if (event.key === 'Enter' && row !== undefined) onOpen?.(row);
    if (event.key === ' ' && row !== undefined && marks !== undefined) {
      event.preventDefault();
      marks.toggle(rowKey(row));
    }
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: total - 1 }[event.key];
    if (to === undefined || total === 0) return;
    event.preventDefault();
    const next = Math.min(Math.max(to, 0), total - 1);
    setActive(next);
    virtual.scrollToIndex(next);
  };
  return (
    <div>
      <Group justify="space-between" mb="xs" align="flex-end" gap="xs">
        <Group gap="xs" align="flex-end">{filters}</Group>
        <Text size="sm" className="num" role="status" component="div">{status}</Text>
      </Group>
      <div
        ref={box} className="table" style={{ height, opacity: old ? 0.6 : 1 }} role="grid" tabIndex={0} aria-label={label} aria-busy={old} aria-multiselectable={marks !== undefined}
        aria-rowcount={total + 1} aria-colcount={columns.length + (marks === undefined ? 0 : 1)} onKeyDown={onKeyDown}
        aria-activedescendant={items.some((i) => i.index === active) ? `${id}-${active}` : undefined}
      >
        <div className="table-inner" role="presentation">
          <div role="rowgroup" className="table-head">
            <div role="row" aria-rowindex={1} className="table-row" style={tracks}>
              {marks !== undefined && <div role="columnheader" className="table-cell" aria-label={marks.head} />}
              {columns.map((column) => (
                <Head key={column.key} column={column} sort={props.sort} onSort={props.onSort} />
              ))}
            </div>
          </div>
          <div role="rowgroup" className="table-body" style={{ height: Math.max(line, virtual.getTotalSize()) }}>
            {total === 0 && (
              <div role="row" className="table-row" aria-rowindex={2}>
                <div role="gridcell" className="table-cell quiet" style={{ gridColumn: '1 / -1' }}>{t('table.empty')}</div>
              </div>
            )}
            {items.map((item) => {
              const row = rowAt(item.index);
              const key = row === undefined ? '' : rowKey(row);
              return (
                <div
                  key={item.index} id={`${id}-${item.index}`} role="row" className="table-row" aria-rowindex={item.index + 2} data-row={key}
                  aria-selected={marks !== undefined ? marks.has(key) : item.index === active} data-active={item.index === active ? '' : undefined} data-marked={marks?.has(key) ? '' : undefined}
                  data-opens={onOpen === undefined || row === undefined ? undefined : ''}
                  style={{ ...tracks, height: line, transform: `translateY(${item.start}px)` }}
                  onClick={(event) => {
                    setActive(item.index);
                    if (row !== undefined && !(event.target as Element).closest('a, button, input, label')) onOpen?.(row);
                  }}
                >
                  {marks !== undefined && (
                    <div role="gridcell" className="table-cell">
                      {row !== undefined && <Checkbox size="xs" checked={marks.has(key)} onChange={() => marks.toggle(key)} aria-label={marks.label(key)} />}
                    </div>
                  )}
                  {columns.map((column) => (
                    <div key={column.key} role="gridcell" className="table-cell" data-end={column.end ? '' : undefined}>
                      {row === undefined ? <span className="quiet" aria-hidden>…</span> : column.cell(row)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}
