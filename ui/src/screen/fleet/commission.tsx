import './fleet.css';

import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';

import { useGet } from '../../api/query';
import { useMay } from '../../api/session';
import { Loaded, Page, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { When } from '../../value';
import { useSay } from '../../words/code';
import { Choose } from './trial-choose';
import { type Chosen, first, type Trials } from './trial-data';
import { Follow } from './trial-follow';
import { Plans } from './trial-plans';
import { Learned } from './trial-record';

/** Commissioning: choose machines, see what will be done, follow it, take over what was learned. */
export default function Commission() {
  const { t } = useTranslation('fleet');
  const { site = '' } = useNamed();
  const page = useGet('/v1/sites/{site}/trials', { params: { path: { site } } }, { keep: true, refetchInterval: 30_000 });
  return (
    <Page title={t('trial.title')} says={t('trial.says')}>
      <Loaded of={page}>{(trials) => <Wizard key={site} site={site} trials={trials} />}</Loaded>
    </Page>
  );
}

function Wizard({ site, trials }: { site: string; trials: Trials }) {
  const { t } = useTranslation('fleet');
  const may = useMay();
  const [params] = useSearchParams();
  const asked = params.get('machine');
  const [chosen, setChosen] = useState<Chosen>(() => first(trials, asked === null ? [] : [asked]));
  const [looked, setLooked] = useState(false);
  const [again, setAgain] = useState(asked !== null && trials.job?.state === 'over');
  const change = (to: Partial<Chosen>) => {
    setChosen((was) => ({ ...was, ...to }));
    setLooked(false);
  };
  if (trials.job !== undefined && !again) return <Follow site={site} id={trials.job.id} onAgain={() => setAgain(true)} />;
  return (
    <>
      {!trials.here && <Text size="sm" role="status">{t('trial.notHere')}</Text>}
      {trials.here && !may('setup', site) && <Text size="sm" role="status">{t('trial.mayNot')}</Text>}
      {trials.here && may('setup', site) && (
        <>
          <Text size="sm" maw="75ch">{t('trial.guard')}</Text>
          <Choose site={site} trials={trials} chosen={chosen} change={change} onLook={() => setLooked(true)} looked={looked} />
          {looked && <Plans site={site} chosen={chosen} onBegun={() => setAgain(false)} />}
        </>
      )}
      <Kept trials={trials} />
    </>
  );
}

/** What earlier trials taught, and the curves that follow from it. */
function Kept({ trials }: { trials: Trials }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  const kept = trials.kept ?? [];
  const [open, setOpen] = useState(false);
  if (kept.length === 0) return null;
  return (
    <Panel title={t('trial.kept')} actions={trials.curves !== '' && <Button size="xs" variant="default" onClick={() => setOpen(!open)} aria-expanded={open}>{t('trial.curves')}</Button>}>
      {open && (
        <>
          <Text size="sm" className="quiet" maw="75ch">{t('trial.curvesSays')}</Text>
          <pre className="snippet" dir="ltr" tabIndex={0}>{trials.curves}</pre>
        </>
      )}
      {kept.map((r) => (
        <details key={`${r.at} ${r.address}`} className="record">
          <summary><When at={r.at} /> · <bdi dir="ltr" className="num">{r.address}</bdi> · <bdi>{r.model}</bdi> · {say('verdict', r.verdict)}</summary>
          <Learned of={r} />
        </details>
      ))}
    </Panel>
  );
}
