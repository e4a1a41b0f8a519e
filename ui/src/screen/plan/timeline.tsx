import './plan.css';

import { ActionIcon, Button, Group, SegmentedControl, Stack, Switch, Text } from '@mantine/core';
import { IconArrowsDiff, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';

import { TimeChart } from '../../chart';
import { Live, useSiteNow } from '../../live/live';
import { Loaded, Page, Panel } from '../../part';
import { useCodes } from '../../part/code';
import { useZone, When } from '../../value';
import { clock, date, hour } from '../../value/zone';
import { drawnOf, type Interval, intervalAt, intervalsOf, type Timeline } from './data';
import { InForce, useOrders, useStretches } from './inforce';
import { type Sight, useTimeline } from './load';
import { WhatIf } from './whatif';
import { Why } from './why';

const spans = { h6: 6, h24: 24, d3: 72, d7: 168, d30: 720 } as const;
type Span = keyof typeof spans;

/** What a site drew, draws and plans to draw, against prices; and why. */
export default function Plan() {
  const { t } = useTranslation('plan');
  const { site = '' } = useParams<{ site: string }>();
  const now = useSiteNow(site)?.at;
  const [span, setSpan] = useState<Span>('h24');
  const [to, setTo] = useState<number>();
  const [asks, setAsks] = useState(false);
  const sight: Sight = { span: spans[span] * hour, ...(to === undefined ? {} : { to }) };
  const page = useTimeline(site, now === undefined ? undefined : Date.parse(now), sight);
  return (
    <Page
      title={t('title')} says={t('says')}
      actions={<Button variant="default" leftSection={<IconArrowsDiff size={18} aria-hidden />} onClick={() => setAsks(true)} data-whatif="1">{t('whatif.open')}</Button>}
    >
      <Loaded of={page}>
        {(data) => (
          <>
            <Sights data={data} sight={sight} span={span} onSpan={setSpan} onTo={setTo} />
            <Shown key={site} site={site} data={data} ahead={to === undefined} />
            <WhatIf site={site} data={data} opened={asks} onClose={() => setAsks(false)} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface SightsProps {
  data: Timeline;
  sight: Sight;
  span: Span;
  onSpan: (span: Span) => void;
  onTo: (to: number | undefined) => void;
}

/** How much is looked at, and which page of history. */
function Sights({ data, sight, span, onSpan, onTo }: SightsProps) {
  const { t } = useTranslation('plan');
  const now = data.now === undefined ? undefined : Date.parse(data.now);
  const end = sight.to ?? now;
  const move = (by: number) => {
    if (end === undefined || now === undefined) return;
    const next = end + by * sight.span;
    onTo(next >= now ? undefined : next);
  };
  return (
    <Group gap="sm" justify="space-between">
      <SegmentedControl
        size="xs" value={span} onChange={(v) => onSpan(v as Span)} aria-label={t('span.label')}
        data={(Object.keys(spans) as Span[]).map((value) => ({ value, label: t(`span.${value}`) }))}
      />
      <Group gap="xs" dir="ltr">
        <ActionIcon onClick={() => move(-1)} aria-label={t('span.earlier')} disabled={end === undefined}>
          <IconChevronLeft size={20} aria-hidden />
        </ActionIcon>
        {end !== undefined && (
          <Text size="sm" component="span">
            <When at={end - sight.span} zone={data.zone} /> – <When at={end} zone={data.zone} named />
          </Text>
        )}
        <ActionIcon onClick={() => move(1)} aria-label={t('span.later')} disabled={sight.to === undefined}>
          <IconChevronRight size={20} aria-hidden />
        </ActionIcon>
        <Button size="compact-sm" variant="default" disabled={sight.to === undefined} onClick={() => onTo(undefined)}>
          {t('span.now')}
        </Button>
      </Group>
    </Group>
  );
}

/** How many uses there are. */
function usesOf(data: Timeline): number {
  return new Set([...(data.past ?? []), ...(data.plan === undefined ? [] : [data.plan])].flatMap((x) => (x.uses ?? []).map((u) => u.use))).size;
}

/** The chart, and beside it why. */
function Shown({ site, data, ahead }: { site: string; data: Timeline; ahead: boolean }) {
  const { t } = useTranslation('plan');
  const code = useCodes();
  // So many uses are patterns and no picture: then their kinds are shown until somebody wants the uses.
  const [chosen, setKinds] = useState<boolean>();
  const kinds = chosen ?? usesOf(data) > 8;
  const [picked, pick] = useState<number>();
  const plan = ahead ? data.plan : undefined;
  const all = useMemo(() => intervalsOf(data.past ?? [], plan), [data.past, plan]);
  const drawn = useMemo(() => {
    const nameOf = (use: string) => (kinds || use === 'house' ? code('use', use) : use);
    const words = {
      rest: t('line.rest'), metered: t('line.metered'), limit: t('line.limit'), site: t('line.site'), spot: t('line.spot'), evens: t('line.evens'),
      inner: t('line.inner'), outer: t('line.outer'), median: t('line.median'), nameOf, currency: data.currency,
    };
    return drawnOf(all, plan, kinds, words);
  }, [all, plan, kinds, data.currency, t, code]);
  const levels = useMemo(
    () => (plan === undefined && ahead && data.limit_w !== undefined ? [{ name: t('line.limit'), value: data.limit_w / drawn.scale.by, unit: drawn.scale.unit }] : undefined),
    [plan, ahead, data.limit_w, drawn.scale, t],
  );
  const now = data.now === undefined ? undefined : Date.parse(data.now);
  const at = picked ?? (ahead ? now : undefined) ?? all.at(-1)?.from;
  const interval = at === undefined ? undefined : (intervalAt(all, at) ?? (picked === undefined ? all.at(-1) : undefined));
  const mark = useMemo(() => (interval === undefined ? undefined : ([interval.from, interval.to] as const)), [interval?.from, interval?.to]);
  const onPick = useCallback((ms: number) => pick(ms), []);
  const orders = useOrders(site);
  const stretches = useStretches(orders, all[0]?.from, all.at(-1)?.to);
  if (all.length === 0) {
    return (
      <Panel>
        <Text>{t('empty')}</Text>
      </Panel>
    );
  }
  return (
    <div className="plan-split">
      <Panel title={t('chart.title')} actions={<Switch checked={kinds} onChange={(e) => setKinds(e.currentTarget.checked)} label={t('chart.kinds')} />}>
        <Live site={site} block>
          <TimeChart
            label={t('chart.label', { site })} times={drawn.times} lines={drawn.lines} levels={levels} now={ahead ? now : undefined} until={drawn.until}
            plan={drawn.plan} picked={mark} stretches={stretches} zone={data.zone} height={460} onPick={onPick}
          />
        </Live>
        <Slide all={all} interval={interval} zone={data.zone} onPick={onPick} />
        <InForce site={site} orders={orders} />
        {plan?.shadow && <Text size="sm" className="quiet">{t('chart.shadow')}</Text>}
      </Panel>
      <Panel title={t('why.title')}>
        {interval === undefined ? <Text size="sm" className="quiet">{t('why.gap')}</Text> : <Why site={site} data={data} interval={interval} />}
      </Panel>
    </div>
  );
}

interface SlideProps {
  all: readonly Interval[];
  interval: Interval | undefined;
  zone: string;
  onPick: (ms: number) => void;
}

/** Picks an interval by keys. It runs left to right, as the chart does. */
function Slide({ all, interval, zone: site, onPick }: SlideProps) {
  const { t, i18n } = useTranslation('plan');
  const zone = useZone(site);
  const index = interval === undefined ? 0 : all.findIndex((i) => i.from === interval.from);
  const at = all[Math.max(0, index)]!.from;
  return (
    <Stack gap={0} dir="ltr">
      <input
        type="range" className="plan-slide" min={0} max={all.length - 1} value={Math.max(0, index)} aria-label={t('chart.pick')}
        aria-valuetext={`${date(at, zone, i18n.language)} ${clock(at, zone)}`} onChange={(e) => onPick(all[Number(e.currentTarget.value)]!.from)} data-slide="1"
      />
    </Stack>
  );
}
