import { ActionIcon, Group } from '@mantine/core';
import { useElementSize, useMediaQuery } from '@mantine/hooks';
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import { GeoComponent } from 'echarts/components';
import { type ECharts, registerMap, use as register } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useTokens } from '../theme/theme';
import type { Tokens } from '../theme/tokens';
import Canvas, { baseOf, type Option } from './canvas';
import { plain, type Sheet } from './data';
import { along, borders, fitOf, type Sight, worldName } from './fit';
import { ChartFrame } from './frame';
import { layersOf } from './layers';
import type { Mark } from './mark';
import type { World } from './world';

register([GeoComponent, LabelLayout]);

/** Makes the world known to the library of charts, before the first map. */
export function lay(world: World): void {
  registerMap(worldName, { geoJSON: world } as unknown as Parameters<typeof registerMap>[1]);
}

export interface SiteMapProps {
  label: string;
  marks: readonly Mark[];
  /** The site that is pointed out. */
  picked: string | null;
  /** What is read where somebody points at a site, line by line. */
  says: (name: string) => readonly string[];
  sheet: () => Sheet;
  height: number;
  onPick: (name: string) => void;
}

/** Where somebody has moved the map to; null: nowhere yet. */
type Moved = { center: unknown; zoom: number } | null;

/** The land: grey, and quieter than anything on it. */
function landOf(sight: Sight, tokens: Tokens, narrow: boolean): object {
  const zoomed = (sight.east - sight.west) / 360;
  return {
    map: worldName, silent: true, left: 0, right: 0, top: 0, bottom: 0, preserveAspect: 'contain',
    boundingCoords: [[sight.west, sight.north], [sight.east, sight.south]], aspectScale: sight.narrow,
    roam: narrow ? 'scale' : true, roamTrigger: 'global', // on a phone one finger moves the page
    scaleLimit: { min: Math.min(1, zoomed * 0.8), max: Math.max(4, zoomed * 120) },
    itemStyle: { areaColor: tokens.faint, borderColor: tokens.line, borderWidth: 0.5 },
    regions: [{ name: borders, itemStyle: { borderColor: tokens.panel, borderWidth: 1 } }],
  };
}

/** Sites on the map of the world. Normal ones are grey; what is wrong has a shape, a colour and words. It is never mirrored. */
export default function SiteMap({ label, marks, picked, says, sheet, height, onPick }: SiteMapProps) {
  const { t } = useTranslation();
  const tokens = useTokens();
  const narrow = useMediaQuery('(max-width: 61.99em)', undefined, { getInitialValueInEffect: false }) ?? false;
  const chart = useRef<ECharts>(undefined);
  const moved = useRef<Moved>(null);
  const where = marks.map((m) => `${m.latitude} ${m.longitude}`).sort().join();
  const box = useElementSize();
  const shape = box.width > 0 ? Math.round((box.width / height) * 10) / 10 : 1.1;
  const sight = useMemo(() => fitOf(where === '' ? [] : where.split(',').map((p) => ({ latitude: Number(p.split(' ')[0]), longitude: Number(p.split(' ')[1]) })), shape), [where, shape]);
  const option = useMemo((): Option => {
    const base = baseOf(tokens);
    return {
      ...base,
      legend: { show: false },
      tooltip: { ...(base['tooltip'] as object), trigger: 'item', formatter: (p: unknown) => says((p as { name: string }).name).map((line) => plain(line, 80)).join('\n') },
      geo: landOf(sight, tokens, narrow),
      series: layersOf(marks, sight, picked, tokens),
    };
  }, [marks, sight, picked, says, tokens, narrow]);
  const seen = useCallback((made: ECharts, fresh: boolean) => {
    chart.current = made;
    if (fresh && moved.current !== null) made.setOption({ geo: moved.current });
    const geo = (made.getOption()['geo'] as { center?: unknown; zoom?: number }[] | undefined)?.[0];
    if (!fresh && geo?.center != null) moved.current = { center: geo.center, zoom: geo.zoom ?? 1 };
  }, []);
  const goal = marks.find((m) => m.name === picked);
  const [longitude, latitude] = goal === undefined ? [null, null] : [along(sight, goal.longitude), goal.latitude];
  useEffect(() => { // what is pointed out comes into sight
    const made = chart.current;
    if (made === undefined || longitude === null || made.containPixel({ geoIndex: 0 }, made.convertToPixel({ geoIndex: 0 }, [longitude, latitude]))) return;
    made.setOption({ geo: { center: [longitude, latitude] } });
    seen(made, false);
  }, [longitude, latitude, seen]);
  const zoom = (by: number) => chart.current?.dispatchAction({ type: 'geoRoam', componentType: 'geo', zoom: by, originX: chart.current.getWidth() / 2, originY: chart.current.getHeight() / 2 });
  const all = () => {
    moved.current = null;
    chart.current?.setOption({ geo: { center: null, zoom: 1 } });
  };
  return (
    <ChartFrame label={label} height={height} sheet={sheet} tools={<Tools zoom={zoom} all={all} words={{ nearer: t('chart.nearer'), farther: t('chart.farther'), all: t('chart.all') }} />}>
      <div ref={box.ref} style={{ height: '100%' }}>
        <Canvas option={option} onZoom={seen} onClick={({ name }) => onPick(name)} />
      </div>
    </ChartFrame>
  );
}

interface ToolsProps {
  zoom: (by: number) => void;
  all: () => void;
  words: { nearer: string; farther: string; all: string };
}

function Tools({ zoom, all, words }: ToolsProps) {
  return (
    <Group gap={4} me="auto">
      <ActionIcon variant="default" aria-label={words.nearer} title={words.nearer} onClick={() => zoom(1.6)}><IconPlus size={16} aria-hidden /></ActionIcon>
      <ActionIcon variant="default" aria-label={words.farther} title={words.farther} onClick={() => zoom(1 / 1.6)}><IconMinus size={16} aria-hidden /></ActionIcon>
      <ActionIcon variant="default" aria-label={words.all} title={words.all} onClick={all}><IconFocusCentered size={16} aria-hidden /></ActionIcon>
    </Group>
  );
}
