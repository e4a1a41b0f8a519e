import { Button, Group, Progress, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconClock, IconMinus, IconPlayerStop } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import { useMay } from '../../api/session';
import { Fault, Loaded, Panel, told } from '../../part';
import { Count, Hash, Power, useDuration, useTime, When } from '../../value';
import { count } from '../../value/format';
import { useSay } from '../../words/code';
import { MachineLink } from './state';
import { type Job, shareOf, standing, taught, through, type TrialStep, type Tried } from './trial-data';
import { Learned } from './trial-record';

/** Trials as they go on, step by step, with the stop button; in the end what was learned is taken over. */
export function Follow({ site, id, onAgain }: { site: string; id: string; onAgain: () => void }) {
  const job = useGet('/v1/sites/{site}/trials/{id}', { params: { path: { site, id } } }, { keep: true, refetchInterval: (q) => (q.state.data?.state === 'over' ? false : 1000) });
  return (
    <Loaded of={job}>
      {(j) => (
        <>
          <Head site={site} job={j} onAgain={onAgain} />
          {(j.machines ?? []).map((m) => <One key={m.machine} site={site} m={m} />)}
        </>
      )}
    </Loaded>
  );
}

function Head({ site, job, onAgain }: { site: string; job: Job; onAgain: () => void }) {
  const { t, i18n } = useTranslation('fleet');
  const may = useMay();
  const params = { path: { site, id: job.id } };
  const stop = useDo(() => api.DELETE('/v1/sites/{site}/trials/{id}', { params }), '/v1/sites/{site}/trials/{id}');
  const take = useDo(async () => {
    const did = await dataOf(api.POST('/v1/sites/{site}/trials/{id}/take', { params }));
    told([did.done, did.unkept].filter(Boolean).join(' '));
  }, '/v1/sites/{site}/trials/{id}', '/v1/sites/{site}/trials');
  const { done, all } = through(job);
  const over = job.state === 'over';
  const good = taught(job);
  return (
    <Panel title={t(`trial.job.${job.state}`)} actions={<Text size="sm" className="quiet"><bdi>{job.by}</bdi> · <When at={job.began} named />{job.meter && <> · {t('trial.meter')} <bdi>{job.meter}</bdi></>}</Text>}>
      <Text size="sm" role="status" data-job={job.state}><Count n={done} /> / <Count n={all} /> {t('trial.through')}</Text>
      {!over && <Progress value={all === 0 ? 0 : (100 * done) / all} color="gray" my="xs" aria-label={t('trial.progress')} />}
      <Group mt="xs">
        {job.state === 'running' && may('lockout', site) && <Button leftSection={<IconPlayerStop size={16} aria-hidden />} loading={stop.isPending} onClick={() => stop.mutate(undefined)} data-do="stop">{t('trial.stop')}</Button>}
        {over && good > 0 && !job.taken && may('setup', site) && <Button loading={take.isPending} onClick={() => take.mutate(undefined)} data-do="take">{t('trial.take', { count: good, n: count(good, i18n.language) })}</Button>}
        {over && <Button variant="default" onClick={onAgain} data-do="again">{t('trial.again')}</Button>}
        {job.taken && <span className="state"><IconCheck size={14} aria-hidden />{t('trial.taken')}</span>}
      </Group>
      {over && good > 0 && !job.taken && <Text size="sm" className="quiet" mt="xs" maw="75ch">{t('trial.takeSays')}</Text>}
      {stop.isError && <Fault error={stop.error} />}
      {take.isError && <Fault error={take.error} />}
    </Panel>
  );
}

function One({ site, m }: { site: string; m: Tried }) {
  const { t } = useTranslation('fleet');
  const steps = m.steps ?? [];
  const running = m.state === 'trying';
  return (
    <Panel title={<MachineLink site={site} name={m.machine} />} actions={<Outcome m={m} />}>
      <Why m={m} />
      {m.state === 'waiting' && <Text size="sm" className="quiet">{t('trial.turn')}</Text>}
      {steps.length > 0 && (
        <div className="scroll-x" tabIndex={0} role="region" aria-label={`${t('trial.steps')} ${m.machine}`}>
          <table className="grid-plain">
            <thead>
              <tr>
                <th scope="col">{t('trial.step')}</th><th scope="col">{t('order.at')}</th><th scope="col">{t('trial.order')}</th><th scope="col" data-end>{t('trial.steady')}</th>
                <th scope="col" data-end>{t('trial.metered')}</th><th scope="col" data-end>{t('trial.stated')}</th><th scope="col" data-end>{t('col.hash')}</th>
              </tr>
            </thead>
            <tbody>{steps.map((s, i) => <StepRow key={`${i} ${s.began}`} s={s} how={standing(steps, i, running)} />)}</tbody>
          </table>
        </div>
      )}
      {m.record !== undefined && <Learned of={m.record} />}
    </Panel>
  );
}

function StepRow({ s, how }: { s: TrialStep; how: 'done' | 'runs' | 'broken' }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  const duration = useDuration();
  const now = useTime();
  const share = how === 'runs' ? shareOf(s, now) : null;
  const Icon = { done: IconCheck, runs: IconClock, broken: IconMinus }[how];
  return (
    <tr aria-current={how === 'runs' ? 'step' : undefined}>
      <td>
        <span className="state"><Icon size={14} role="img" aria-label={t(`trial.how.${how}`)} />{say('commission', s.step)} <bdi>{s.level}</bdi></span>
        {s.repeat > 0 && <div className="quiet">{t('trial.repeat')} <Count n={s.repeat} /></div>}
        {share !== null && <Progress value={100 * share} size="xs" color="gray" mt={2} aria-label={t('trial.progress')} />}
      </td>
      <td><When at={s.began} show="clock" seconds /></td>
      <td>{s.order ? t(`order.verb.${s.order}` as 'order.verb.sleep', { defaultValue: s.order.replaceAll('_', ' ') }) : ''}</td>
      <td data-end>{s.done ? duration(s.took_ms) : how === 'runs' ? <span className="quiet">{t('trial.within')} {duration(s.within_ms)}</span> : ''}</td>
      <td data-end>{s.done && <Power w={s.metered_w} unit="kW" />}</td>
      <td data-end>{s.done && <Power w={s.stated_w} unit="kW" />}</td>
      <td data-end>{s.done && <Hash ghs={s.hash_ghs} />}</td>
    </tr>
  );
}

/** How a trial stands or ended: a shape and words. */
function Outcome({ m }: { m: Tried }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  const verdict = m.record?.verdict;
  const bad = m.state === 'left' || m.state === 'refused' || (verdict !== undefined && verdict !== 'learned' && verdict !== 'stopped');
  const Icon = bad ? IconAlertTriangle : verdict === 'learned' ? IconCheck : m.state === 'skipped' || verdict === 'stopped' ? IconMinus : IconClock;
  return (
    <span className={bad ? 'state trouble' : 'state'} data-state={verdict ?? m.state}>
      <Icon size={15} aria-hidden />
      {verdict !== undefined ? say('verdict', verdict) : m.ending !== undefined ? say('verdict', m.ending) : t(`trial.state.${m.state}`)}
    </span>
  );
}

/** Why a machine failed, and what to do about it. */
function Why({ m }: { m: Tried }) {
  const { t } = useTranslation('fleet');
  const say = useSay();
  const verdict = m.record?.verdict ?? m.ending;
  const why = m.record?.why ?? m.why;
  const missing = m.record?.not_restored ?? [];
  const remedy = verdict === undefined || verdict === 'learned' ? (m.state === 'left' ? t('trial.leftSays') : '') : say.more('verdict', verdict);
  if (!why && missing.length === 0 && remedy === '') return null;
  return (
    <div className="why" role="status">
      {why && <Text size="sm"><bdi dir="auto">{why}</bdi></Text>}
      {remedy !== '' && <Text size="sm"><b>{t('trial.do')}</b> {remedy}</Text>}
      {m.state === 'trying' && m.ending !== undefined && <Text size="sm" className="quiet">{t('trial.giving')}</Text>}
      {missing.length > 0 && <Text size="sm" fw={600}>{t('trial.notRestored')} <bdi dir="auto">{missing.join('; ')}</bdi></Text>}
    </div>
  );
}
