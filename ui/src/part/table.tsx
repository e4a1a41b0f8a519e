import './table.css';

import { Group, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { count } from '../value/format';

/** A column of a table. */
export interface Column<Row> {
  key: string;
  head: string;
  cell: (row: Row) => ReactNode;
  /** A track of a CSS grid; minmax(96px, 1fr) unless given. */
  width?: string;
  /** Numbers stand at the end. */
  end?: boolean;
  /** The server sorts by it. */
  sorts?: boolean;
}

/** By which column a table is sorted, and which way. */
export interface Sort {
  key: string;
  down: boolean;
}

interface TableProps<Row> {
  /** What the table holds, for who listens. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sort?: Sort;
  /** Asks the server for another order. */
  onSort?: (sort: Sort) => void;
  /** Opens a row: by Enter, or by a click beside of its links. */
  onOpen?: (row: Row) => void;
  /** More rows are wanted: the end is near. */
  onEnd?: () => void;
  /** How many rows there are on the server, where that is known. */
  total?: number;
  /** The fields by which the server filters. */
  filters?: ReactNode;
  height?: number | string;
}

const line = 36;

/** A table of any length: only the rows in sight exist. Arrows, Home, End and pages move, Enter opens. */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, rowKey, onOpen, onEnd, total, filters, height = 480 } = props;
  const { t, i18n } = useTranslation();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => box.current, estimateSize: () => line, overscan: 12 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 20) onEnd?.();
  }, [last, rows.length, onEnd]);
  const tracks = { gridTemplateColumns: columns.map((c) => c.width ?? 'minmax(96px, 1fr)').join(' ') };
  const page = Math.max(1, Math.floor((box.current?.clientHeight ?? height as number) / line) - 2);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== box.current) return;
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: rows.length - 1 }[event.key];
    const row = rows[active];
    if (event.key === 'Enter' && row !== undefined) onOpen?.(row);
    if (to === undefined || rows.length === 0) return;
    event.preventDefault();
    const next = Math.min(Math.max(to, 0), rows.length - 1);
    setActive(next);
    virtual.scrollToIndex(next);
  };
  return (
    <div>
      <Group justify="space-between" mb="xs" align="flex-end">
        <Group gap="xs" align="flex-end">
          {filters}
        </Group>
        <Text size="sm" className="quiet num" role="status">
          {t('table.rows', { count: total ?? rows.length, n: count(total ?? rows.length, i18n.language) })}
        </Text>
      </Group>
      <div
        ref={box} className="table" style={{ maxHeight: height }} role="grid" tabIndex={0} aria-label={label}
        aria-rowcount={(total ?? rows.length) + 1} aria-colcount={columns.length} onKeyDown={onKeyDown}
        aria-activedescendant={rows.length > 0 && items.some((i) => i.index === active) ? `${id}-${active}` : undefined}
      >
        <div className="table-inner" role="presentation">
          <div role="rowgroup" className="table-head">
            <div role="row" aria-rowindex={1} className="table-row" style={tracks}>
              {columns.map((column) => (
                <Head key={column.key} column={column} {...props} />
              ))}
            </div>
          </div>
          {rows.length === 0 && (
            <div role="rowgroup">
              <div role="row" className="table-row" aria-rowindex={2}>
                <div role="gridcell" className="table-cell quiet">
                  {t('table.empty')}
                </div>
              </div>
            </div>
          )}
          {rows.length > 0 && (
          <div role="rowgroup" className="table-body" style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              return (
                <div
                  key={rowKey(row)} id={`${id}-${item.index}`} role="row" className="table-row" aria-rowindex={item.index + 2}
                  aria-selected={item.index === active} data-opens={onOpen === undefined ? undefined : ''}
                  style={{ ...tracks, height: line, transform: `translateY(${item.start}px)` }}
                  onClick={(event) => {
                    setActive(item.index);
                    if (!(event.target as Element).closest('a, button, input')) onOpen?.(row);
                  }}
                >
                  {columns.map((column) => (
                    <div key={column.key} role="gridcell" className="table-cell" data-end={column.end ? '' : undefined}>
                      {column.cell(row)}
                    </div>
                  ))}
                </div>
              );
            })}
          </div>
          )}
        </div>
      </div>
    </div>
  );
}

/** The head of a column, by which it is sorted. */
export function Head<Row>({ column, sort, onSort }: { column: Column<Row> } & Pick<TableProps<Row>, 'sort' | 'onSort'>) {
  const { t } = useTranslation();
  const by = sort?.key === column.key;
  const order = by ? (sort.down ? 'descending' : 'ascending') : 'none';
  const end = column.end ? '' : undefined;
  if (!column.sorts || onSort === undefined) {
    return (
      <div role="columnheader" className="table-cell" data-end={end}>
        {column.head}
      </div>
    );
  }
  return (
    <div role="columnheader" className="table-cell" data-end={end} aria-sort={order}>
      <button
        type="button" className="table-sort" title={t('table.sorted', { column: column.head })}
        onClick={() => onSort({ key: column.key, down: by ? !sort.down : false })}
      >
        {column.head}
        <span aria-hidden>{by ? (sort.down ? '▼' : '▲') : '↕'}</span>
      </button>
    </div>
  );
}
