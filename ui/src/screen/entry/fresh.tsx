import { PasswordInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** What is typed for a new password. */
export interface Fresh {
  password: string;
  again: string;
}

/** Checks of a new password; the server has the last word. */
export function useFreshChecks() {
  const { t } = useTranslation();
  return {
    password: (value: string) => ([...value].length < 12 ? t('password.short') : null),
    again: (value: string, all: Fresh) => (value === all.password ? null : t('password.differs')),
  };
}

/** The two fields of a new password. */
export function FreshFields<T extends Fresh>({ form }: { form: UseFormReturnType<T> }) {
  const { t } = useTranslation();
  return (
    <>
      <PasswordInput label={t('password.new')} description={t('password.hint')} autoComplete="new-password" dir="ltr" {...form.getInputProps('password')} />
      <PasswordInput label={t('password.again')} autoComplete="new-password" dir="ltr" {...form.getInputProps('again')} />
    </>
  );
}

/** The secret behind the # of a link. It is taken out of the address at once, and out of the history. */
export function useSecret(): string {
  const [secret] = useState(() => {
    const said = location.hash.slice(1);
    if (said !== '') history.replaceState(null, '', location.pathname);
    return said;
  });
  return secret;
}
