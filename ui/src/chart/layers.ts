import { type Level, shapes } from '../part/priority';
import type { Tokens } from '../theme/tokens';
import { plain } from './data';
import { along, type Sight } from './fit';
import { font } from './font';
import { filledOf, type Mark, paintedInOrder, widthOf } from './mark';

/** How wide the sign of a priority is, in pixels, and the box in which its shape is drawn. */
const badge = 20;
const box = 24;

/** One site: how much it draws in a ring that is its limit, the sign of why it does not run, and its worst alarm. */
function drawn(m: Mark, picked: boolean, [x, y]: readonly [number, number], t: Tokens): object {
  const r = widthOf(m) / 2;
  const circle = (radius: number, style: object) => ({ type: 'circle', shape: { cx: x, cy: y, r: radius }, style });
  const edge = m.hitch === null ? t.hosting : t.text;
  return {
    type: 'group', $mergeChildren: false, // what a mark is made of changes with its state
    children: [
      ...(picked ? [circle(r + 6, { fill: 'none', stroke: t.text, lineWidth: 3 })] : []),
      circle(r, { fill: `${t.panel}CC`, stroke: edge, lineWidth: 1.5, lineDash: m.hitch === 'away' ? [4, 3] : null }),
      ...(filledOf(m) > 0 ? [circle(filledOf(m) / 2, { fill: t.hosting })] : []),
      ...signOf(m, x, y, r, t),
      ...(m.level === null ? [] : alarmOf(m.level, x + r * 0.7 + 4, y - r * 0.7 - 4, t)),
    ],
  };
}

/** A cross: it does not answer. A bar: it is stopped. */
function signOf(m: Mark, x: number, y: number, r: number, t: Tokens): object[] {
  const d = r * 0.45;
  if (m.hitch === 'stopped') return [{ type: 'rect', shape: { x: x - r * 0.65, y: y - r * 0.2, width: r * 1.3, height: r * 0.4 }, style: { fill: t.text, stroke: t.panel, lineWidth: 1 } }];
  if (m.hitch !== 'away') return [];
  return [[-d, d], [d, -d]].map(([a, b]) => ({ type: 'line', shape: { x1: x + a!, y1: y - d, x2: x + b!, y2: y + d }, style: { stroke: t.text, lineWidth: 2 } }));
}

function alarmOf(level: Level, x: number, y: number, t: Tokens): object[] {
  const half = badge / 2;
  return [
    { type: 'group', x: x - half, y: y - half, scaleX: badge / box, scaleY: badge / box, children: [{ type: 'path', shape: { pathData: shapes[level] }, style: { fill: t[`alarm${level}`], stroke: t.text, lineWidth: 1 } }] },
    { type: 'text', style: { text: String(level), x, y: y + (level === 2 ? 3 : 1), align: 'center', verticalAlign: 'middle', fill: t[`on${level}`], font: `700 11px ${font}` } },
  ];
}

/** Each site is painted whole, those on top that need somebody; names and the mouse are seen to by a layer that is not seen. */
export function layersOf(marks: readonly Mark[], sight: Sight, picked: string | null, t: Tokens): object[] {
  const all = paintedInOrder(marks);
  const at = (m: Mark): [number, number] => [along(sight, m.longitude), m.latitude];
  const written = { color: t.text, fontFamily: font, fontSize: 12, lineHeight: 15, textBorderColor: t.panel, textBorderWidth: 3 };
  return [
    {
      type: 'custom', coordinateSystem: 'geo', silent: true, z: 4, data: all.map(at),
      renderItem: ({ dataIndex }: { dataIndex: number }, api: { coord: (at: readonly number[]) => [number, number] }) => {
        const m = all[dataIndex]!;
        return drawn(m, m.name === picked, api.coord(at(m)), t);
      },
    },
    {
      type: 'scatter', coordinateSystem: 'geo', z: 5, itemStyle: { color: 'rgba(0, 0, 0, 0)', opacity: 1 }, emphasis: { scale: false },
      data: all.map((m) => ({ name: m.name, value: at(m), symbolSize: widthOf(m) + (m.level === null ? 0 : badge / 2), label: { distance: m.name === picked ? 9 : 3 } })),
      label: {
        ...written, show: true, position: 'bottom', align: 'center', rich: { wrong: { ...written, fontWeight: 600 } },
        formatter: ({ dataIndex }: { dataIndex: number }) => {
          const m = all[dataIndex]!;
          return [plain(m.name, 24), ...(m.wrong === '' ? [] : [`{wrong|${plain(m.wrong, 40)}}`])].join('\n');
        },
      },
      labelLayout: { hideOverlap: true },
    },
  ];
}
