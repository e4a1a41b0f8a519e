import { Button, List, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useDo } from '../../api/query';
import { Fault } from '../../part';
import { Changes } from './changes';
import { History } from './history';
import { type Plan, type Spot, spotOf } from './read';

/** Holds a text against what stands: its faults, or what it would change. */
export function useCheck() {
  const [seen, setSeen] = useState<{ yaml: string; plan: Plan } | null>(null);
  const check = useDo(async (yaml: string) => {
    setSeen(null);
    const plan = await dataOf(api.POST('/v1/objects/diff', { body: { yaml } }));
    setSeen({ yaml, plan });
  });
  const spots: readonly Spot[] = (check.error?.faults ?? []).map(spotOf);
  const forget = () => {
    setSeen(null);
    check.reset();
  };
  return { seen, check, spots, forget };
}

/** That somebody was faster: what they changed, and the way to what stands now. */
function Conflict({ object, onReload }: { object: { kind: string; name: string }; onReload?: () => void }) {
  const { t } = useTranslation('objects');
  return (
    <Stack gap="sm" align="flex-start" role="alert" data-conflict="1">
      <Text className="ob-fault">{t('apply.conflict')}</Text>
      <History {...object} />
      {onReload !== undefined && <Button variant="default" onClick={onReload}>{t('apply.reload')}</Button>}
    </Stack>
  );
}

interface CheckProps {
  of: ReturnType<typeof useCheck>;
  yaml: () => string;
  onDone: () => void;
  /** Reads what stands now, in place of what was changed here. */
  onReload?: () => void;
  /** The one object that is changed; absent: there may be several. */
  object?: { kind: string; name: string };
}

/** The button that checks, the faults, and what would change. */
export function Check({ of, yaml, onDone, onReload, object }: CheckProps) {
  const { t } = useTranslation('objects');
  const { seen, check, spots, forget } = of;
  const reload = onReload === undefined ? undefined : () => { forget(); onReload(); };
  const conflict = object === undefined ? undefined : <Conflict object={object} onReload={reload} />;
  const clashes = check.error?.code === 'conflict' && conflict !== undefined;
  return (
    <Stack gap="md" mt="md">
      <Button variant="default" onClick={() => check.mutate(yaml())} loading={check.isPending} style={{ alignSelf: 'flex-start' }} data-check="1">{t('check')}</Button>
      {check.error !== null && spots.length === 0 && <Fault error={check.error} />}
      {clashes && conflict}
      {spots.length > 0 && !clashes && (
        <div role="alert" className="ob-fault">
          <Text fw={600}>{t('faults', { count: spots.length })}</Text>
          <List size="sm">
            {spots.map((s) => (
              <List.Item key={`${s.line} ${s.path} ${s.says}`}>
                {s.line > 1 && <b>{t('line', { n: s.line })} </b>}<bdi dir="ltr">{s.path}</bdi> <span dir="auto">{s.says}</span>
              </List.Item>
            ))}
          </List>
        </div>
      )}
      {seen !== null && <Changes plan={seen.plan} yaml={seen.yaml} conflict={conflict} onDone={() => { forget(); onDone(); }} />}
    </Stack>
  );
}
