import { Anchor, Button, Group, NumberInput, Progress, Stack, Switch, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearch } from 'wouter';

import { api, dataOf } from '../../api/client';
import { useDo, useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useSession } from '../../api/session';
import { Fault, Loaded, Panel } from '../../part';
import { useNamed } from '../../part/params';
import { Plain } from '../../part/plain';
import { Count, Share, When } from '../../value';
import { PlanFrame } from './frame';
import { RiskView } from './outcome';

type List = components['schemas']['CapitalRisks'];
type Risk = components['schemas']['CapitalRisk'];

const path = '/v1/plans/{plan}/risks';

/** How a plan may end: it is run on many futures, and what comes of it is shown. */
export default function RiskScreen() {
  const { t } = useTranslation('capital');
  const { plan = '' } = useNamed();
  const list = useGet(path, { params: { path: { plan } } }, { refetchInterval: (query) => ((query.state.data?.risks ?? []).some((r) => r.state === 'running') ? 1_000 : 15_000) });
  const wanted = new URLSearchParams(useSearch()).get('id');
  const all = list.data?.risks ?? [];
  const shown = all.find((r) => r.id === wanted) ?? all.find((r) => r.state === 'done') ?? all[0];
  return (
    <PlanFrame part="risk" says={t('risk.says')} {...(shown?.state === 'done' ? { risk: shown.id } : {})}>
      {(worked) => (
        <Loaded of={list}>
          {(data) => (
            <>
              {shown !== undefined && shown.state === 'done' && shown.version !== worked.version && <Text role="status" fw={600}>▲ {t('risk.older', { ran: shown.version, stands: worked.version })}</Text>}
              {shown !== undefined && <Shown key={shown.id} plan={plan} of={shown} />}
              <div className="ca-two">
                <Panel title={t('risk.new')}><New plan={plan} of={data} /></Panel>
                <Panel title={t('risk.all')}><All plan={plan} of={all} shown={shown?.id} /></Panel>
              </div>
            </>
          )}
        </Loaded>
      )}
    </PlanFrame>
  );
}

function New({ plan, of }: { plan: string; of: List }) {
  const { t } = useTranslation('capital');
  const [paths, setPaths] = useState<number | string>(5000);
  const [seed, setSeed] = useState<number | string>(1);
  const [quick, setQuick] = useState(false);
  const begin = useDo(async (body: components['schemas']['CapitalRiskAsk']) => dataOf(api.POST(path, { params: { path: { plan } }, body })), path);
  const fine = typeof paths === 'number' && paths >= 100 && paths <= of.most_paths && typeof seed === 'number' && seed >= 0;
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (fine) begin.mutate({ paths, seed, quick });
  };
  return (
    <form onSubmit={ask}>
      <Stack gap="sm">
        <Group align="flex-start">
          <NumberInput label={t('risk.paths')} value={paths} onChange={setPaths} min={100} max={of.most_paths} step={1000} allowDecimal={false} required w={150} dir="ltr" thousandSeparator=" " />
          <NumberInput label={t('risk.seed')} value={seed} onChange={setSeed} min={0} max={1_000_000_000} allowDecimal={false} required w={130} dir="ltr" />
        </Group>
        <Switch label={t('risk.quick')} checked={quick} onChange={(e) => setQuick(e.currentTarget.checked)} />
        <Text size="sm" className="quiet ca-says">{t('risk.takes', { minutes: Math.round(of.within_seconds / 60) })}</Text>
        <Group>
          <Button type="submit" loading={begin.isPending} disabled={of.busy || !fine} data-begin="1">{t('risk.begin')}</Button>
          {of.busy && <Text size="sm" className="quiet">{t('risk.busy')}</Text>}
        </Group>
        {begin.error !== null && <Fault error={begin.error} />}
      </Stack>
    </form>
  );
}

function All({ plan, of, shown }: { plan: string; of: readonly Risk[]; shown: string | undefined }) {
  const { t } = useTranslation('capital');
  const session = useSession();
  const end = useDo(async (id: string) => dataOf(api.DELETE('/v1/plans/{plan}/risks/{id}', { params: { path: { plan, id } } })), path);
  if (of.length === 0) return <Text size="sm" className="quiet">{t('risk.none')}</Text>;
  return (
    <Stack gap="xs">
      <Plain label={t('risk.all')}>
        <thead><tr><th scope="col">{t('risk.began')}</th><th scope="col" data-end="">{t('risk.paths')}</th><th scope="col" data-end="">{t('risk.seed')}</th><th scope="col" data-end="">{t('risk.version')}</th><th scope="col">{t('risk.state')}</th><th scope="col">{t('risk.by')}</th></tr></thead>
        <tbody>
          {of.map((r) => (
            <tr key={r.id} data-run={r.state}>
              <th scope="row"><Anchor component={Link} href={`?id=${encodeURIComponent(r.id)}`} size="sm" aria-current={r.id === shown ? 'true' : undefined}><When at={r.began} /></Anchor></th>
              <td data-end=""><Count n={r.paths} /></td><td data-end=""><Count n={r.seed} /></td><td data-end=""><Count n={r.version} /></td>
              <td>
                {t(`risk.is.${r.state}`)}
                {r.state === 'running' && (
                  <Group gap="xs" wrap="nowrap">
                    <Progress value={r.done_percent} w={80} aria-label={t('risk.far')} /> <Share of={r.done_percent / 100} />
                    {r.by === session.person && <Button size="compact-xs" variant="default" onClick={() => end.mutate(r.id)} loading={end.isPending} data-end-run="1">{t('risk.end')}</Button>}
                  </Group>
                )}
              </td>
              <td>{r.shipped === true ? t('risk.shipped') : <bdi translate="no">{r.by}</bdi>}</td>
            </tr>
          ))}
        </tbody>
      </Plain>
      {end.error !== null && <Fault error={end.error} />}
    </Stack>
  );
}

function Shown({ plan, of }: { plan: string; of: Risk }) {
  const { t } = useTranslation('capital');
  const one = useGet('/v1/plans/{plan}/risks/{id}', { params: { path: { plan, id: of.id } } }, { enabled: of.state === 'done', staleTime: Infinity });
  if (of.state !== 'done') {
    return <Panel><Text size="sm" className={of.state === 'failed' ? undefined : 'quiet'}>{t(`risk.why.${of.state}`)} {of.why !== undefined && <bdi translate="no">{of.why}</bdi>}</Text></Panel>;
  }
  return <Loaded of={one}>{(data) => (data.result === undefined ? null : <RiskView of={data.result} paths={data.paths} seed={data.seed} />)}</Loaded>;
}
