import './chart.css';

import { Button, Group } from '@mantine/core';
import { IconChartLine, IconDownload, IconTable } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Column, Table } from '../part/table';
import { csv, type Sheet } from './data';

type Row = Sheet['rows'][number];

function save(sheet: Sheet, name: string) {
  const address = URL.createObjectURL(new Blob(['\uFEFF', csv(sheet)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

interface FrameProps {
  /** A sentence that says what the chart shows. */
  label: string;
  height: number;
  /** Makes the table; only when it is asked for. */
  sheet: () => Sheet;
  /** What moves the chart: buttons, which stand outside of the picture. */
  tools?: ReactNode;
  children: ReactNode;
}

/** What every chart has: its sentence, the same as a table, and the table as a file. */
export function ChartFrame({ label, height, sheet, tools, children }: FrameProps) {
  const { t, i18n } = useTranslation();
  const [table, setTable] = useState(false);
  return (
    <figure className="chart">
      {table ? (
        <SheetTable label={label} sheet={sheet()} height={height} />
      ) : (
        <div role="img" aria-label={label} dir="ltr" lang={i18n.language} style={{ height }}>
          {children}
        </div>
      )}
      <Group gap="xs" justify="flex-end">
        {!table && tools}
        <Button variant="subtle" size="compact-sm" onClick={() => setTable(!table)} leftSection={table ? <IconChartLine size={16} aria-hidden /> : <IconTable size={16} aria-hidden />}>
          {table ? t('chart.chart') : t('chart.table')}
        </Button>
        <Button variant="subtle" size="compact-sm" onClick={() => save(sheet(), label)} leftSection={<IconDownload size={16} aria-hidden />}>
          {t('chart.csv')}
        </Button>
      </Group>
    </figure>
  );
}

function SheetTable({ label, sheet, height }: { label: string; sheet: Sheet; height: number }) {
  const columns = useMemo(
    () =>
      sheet.head.map(
        (head, i): Column<{ row: Row }> => ({
          key: String(i),
          head,
          end: sheet.rows.some((row) => typeof row[i] === 'number'),
          width: 'minmax(150px, 1fr)',
          cell: ({ row }) => <bdi dir="ltr">{row[i] ?? '–'}</bdi>,
        }),
      ),
    [sheet],
  );
  const rows = useMemo(() => sheet.rows.map((row, i) => ({ row, i })), [sheet]);
  return <Table label={label} columns={columns} rows={rows} rowKey={({ i }: { row: Row; i: number }) => String(i)} height={height} />;
}
