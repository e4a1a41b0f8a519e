import './fleet.css';

import { SegmentedControl, Select } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearchParams } from 'wouter';

import { useGet } from '../../api/query';
import { Loaded, Page, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { Live } from '../../live/live';
import { useTokens } from '../../theme/theme';
import { Hash, Power, Share, Temperature } from '../../value';
import { useSay } from '../../words/code';
import { usePlaces } from './places';
import { Rack, rampOf } from './rack';
import { type Heat as Told, type Shades, shadesOf, type Subject, subjects } from './shade';
import { machinePath } from './state';

/** All machines of a site as a picture: one cell each, in the order of their addresses. */
export default function Heat() {
  const { t } = useTranslation('fleet');
  const { site = '' } = useNamed();
  const [params, setParams] = useSearchParams();
  const hall = params.get('hall') ?? '';
  const subject = subjects.find((s) => s === params.get('of')) ?? 'temperature';
  const by = params.get('by') === 'group' ? 'group' : 'hall';
  const set = (key: string, value: string) => setParams((was) => { const next = new URLSearchParams(was); if (value === '') next.delete(key); else next.set(key, value); return next; }, { replace: true });
  const places = usePlaces(site);
  const heat = useGet('/v1/sites/{site}/heat', { params: { path: { site }, ...(hall === '' ? {} : { query: { hall } }) } }, { refetchInterval: 5_000, enabled: site !== '', keep: true });
  return (
    <Page
      title={t('heat.title')} says={t('heat.says')}
      actions={
        <>
          <SegmentedControl size="xs" aria-label={t('heat.by')} value={by} onChange={(v) => set('by', v === 'hall' ? '' : v)} data={[{ value: 'hall', label: t('col.hall') }, { value: 'group', label: t('col.group') }]} />
          <Select size="xs" w={150} aria-label={t('col.hall')} placeholder={t('heat.allHalls')} clearable searchable value={hall || null} onChange={(v) => set('hall', v ?? '')} data={[...places.places]} />
        </>
      }
    >
      <SegmentedControl size="xs" fullWidth maw={620} aria-label={t('heat.of')} value={subject} onChange={(v) => set('of', v)} data={subjects.map((value) => ({ value, label: t(`heat.subject.${value}`) }))} />
      <Loaded of={heat}>{(data) => <Picture site={site} heat={data} subject={subject} by={by} />}</Loaded>
    </Page>
  );
}

function Picture({ site, heat, subject, by }: { site: string; heat: Told; subject: Subject; by: 'hall' | 'group' }) {
  const { t } = useTranslation('fleet');
  const [, go] = useLocation();
  const [at, setAt] = useState(-1);
  const shades = useMemo(() => shadesOf(heat, subject), [heat, subject]);
  const blocks = useMemo(() => {
    const all = new Map<string, number[]>();
    (heat.names ?? []).forEach((_, i) => {
      const name = [heat.halls?.[i], by === 'group' ? heat.groups?.[i] : ''].filter(Boolean).join(' · ');
      const into = all.get(name);
      if (into === undefined) all.set(name, [i]);
      else into.push(i);
    });
    return [...all].map(([name, cells]) => ({ name, cells }));
  }, [heat, by]);
  const open = useCallback((i: number) => go(machinePath(site, heat.names?.[i] ?? '')), [go, site, heat]);
  if ((heat.names ?? []).length === 0) return <Panel>{t('heat.none')}</Panel>;
  return (
    <Panel>
      <Live site={site} block>
        <Legend subject={subject} shades={shades} />
        <Looked heat={heat} at={at} shades={shades} subject={subject} />
        <Rack label={t('heat.label', { site })} heat={heat} blocks={blocks} shades={shades} onLook={setAt} onOpen={open} />
      </Live>
    </Panel>
  );
}

function Legend({ subject, shades }: { subject: Subject; shades: Shades }) {
  const { t } = useTranslation('fleet');
  const tokens = useTokens();
  const say = useSay();
  const end = (v: number) => (subject === 'temperature' ? <Temperature c={v} /> : subject === 'power' ? <Power w={v} unit="kW" /> : <Share of={v} />);
  const mark = (path: string, stroke = 'var(--c-line)', fill = 'none') => (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden><rect x="1" y="1" width="14" height="14" fill={fill} stroke={stroke} /><path d={path} stroke={stroke} fill={stroke} /></svg>
  );
  return (
    <div className="legend" role="note">
      {subject !== 'trouble' && (
        <span dir="ltr">
          {end(shades.low)}
          <span className="ramp" style={{ background: `linear-gradient(to right, ${rampOf(tokens, 8).join(', ')})` }} />
          {end(shades.high)}
        </span>
      )}
      {subject === 'hash' && (
        <span className="quiet">{t('heat.against')}</span>
      )}
      <span>{mark('M1 1h9L1 10z', 'var(--c-alarm2)')} {say('machine', 'trouble')}</span>
      <span>{mark('M1 15 15 1')} {say('machine', 'asleep')}</span>
      <span>{mark('M3 3 13 13M13 3 3 13')} {say('machine', 'unknown')}</span>
    </div>
  );
}

/** What is known of the machine under the pointer. It keeps its place, so that nothing jumps. */
function Looked({ heat, at, shades, subject }: { heat: Told; at: number; shades: Shades; subject: Subject }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  const name = heat.names?.[at];
  const mc = heat.temperature_mc?.[at];
  return (
    <p className="legend looked" role="status">
      {name === undefined ? (
        <span className="quiet">{t('heat.hint')}</span>
      ) : (
        <>
          <b><bdi dir="ltr">{name}</bdi></b>
          <span><bdi>{[heat.halls?.[at], heat.groups?.[at]].filter(Boolean).join(' · ')}</bdi></span>
          <span>{say('machine', heat.states?.[at] ?? 'unknown')}</span>
          <span><Temperature c={mc == null ? null : mc / 1000} /></span>
          <span><Power w={heat.power_w?.[at]} unit="kW" /></span>
          <span><Hash ghs={heat.hash_ghs?.[at]} /></span>
          {subject === 'hash' && shades.values[at] != null && <span><Share of={shades.values[at]} /></span>}
          {heat.trouble?.[at] && <span>{say('trouble', heat.trouble[at])}</span>}
        </>
      )}
    </p>
  );
}
