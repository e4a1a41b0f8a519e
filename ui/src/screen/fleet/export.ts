import { api, dataOf } from '../../api/client';
import { csv } from '../../chart/data';
import type { Query } from './filters';
import type { Machine } from './windows';

const atOnce = 1000;
const path = '/v1/sites/{site}/machines' as const;

const columns: readonly [string, (m: Machine) => string | number | null][] = [
  ['address', (m) => m.name], ['family', (m) => m.family], ['model', (m) => m.model], ['firmware', (m) => m.firmware ?? ''], ['serial', (m) => m.serial ?? ''],
  ['mac', (m) => m.mac ?? ''], ['group', (m) => m.group], ['hall', (m) => m.hall ?? ''], ['feeder', (m) => m.feeder ?? ''], ['state', (m) => m.state],
  ['power_w', (m) => (m.power_known ? m.power_w : null)], ['setpoint_w', (m) => (m.setpoint_known ? m.setpoint_w : null)], ['target_w', (m) => m.target_w],
  ['hash_ghs', (m) => (m.hash_known ? m.hash_ghs : null)], ['temperature_mc', (m) => (m.temperature_known ? m.temperature_mc : null)],
  ['trouble', (m) => m.trouble ?? ''], ['trouble_since', (m) => m.trouble_since ?? ''], ['locked_by', (m) => m.locked_by ?? ''], ['read_at', (m) => m.at ?? ''],
];

/** Machines as a table of comma separated values, by the names of the interface. What is not known is empty. */
export const sheetOf = (machines: readonly Machine[]): string => csv({ head: columns.map(([head]) => head), rows: machines.map((m) => columns.map(([, of]) => of(m))) });

/** Fetches everything that a query finds and saves it as a file. */
export async function exportFound(site: string, query: Query, progress: (fetched: number) => void): Promise<void> {
  const all: Machine[] = [];
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const page: { next?: number; machines: Machine[] | null } = await dataOf(api.GET(path, { params: { path: { site }, query: { ...query, offset, limit: atOnce } } }));
    all.push(...(page.machines ?? []));
    progress(all.length);
    offset = page.next;
  }
  const address = URL.createObjectURL(new Blob(['\uFEFF', sheetOf(all)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `machines-${site}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
