import { Skeleton, Stack, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Ago } from '../value/when';
import { Fault } from './fault';
import { useHold } from './ready';

/** That something is on its way. */
export function Wait() {
  const { t } = useTranslation();
  useHold(true);
  return (
    <Stack gap="sm" role="status" aria-label={t('loading')}>
      <Skeleton height={24} width="40%" animate={false} />
      <Skeleton height={140} animate={false} />
    </Stack>
  );
}

/**
 * What a query gives: waits for it, says why there is nothing, and when reading it again
 * fails says how old what it shows is.
 */
export function Loaded<T>({ of, children }: { of: UseQueryResult<T, Error>; children: (data: T) => ReactNode }) {
  const { t } = useTranslation();
  if (of.data === undefined) return of.error === null ? <Wait /> : <Fault error={of.error} retry={() => void of.refetch()} />;
  return (
    <>
      {of.error !== null && (
        <>
          <Fault error={of.error} retry={() => void of.refetch()} />
          <Text size="sm" className="stale">
            {t('value.noneSince')} <Ago at={of.dataUpdatedAt} />
          </Text>
        </>
      )}
      {children(of.data)}
    </>
  );
}
