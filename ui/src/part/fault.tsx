import { Alert, Button, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

import { asProblem, type Problem } from '../api/problem';
import { type Word, wordOf } from '../words/i18n';

/** What a problem says in the language of the reader; null: only the server's words are there. */
export function problemWords(problem: Problem): string | null {
  const key = `shell:problem.${problem.code}`;
  return i18next.exists(key) ? wordOf(key as Word) : null;
}

/** Why something was not done, and what to do. */
export function Fault({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const problem = asProblem(error);
  const words = problemWords(problem);
  return (
    <Alert role="alert" variant="outline" icon={<IconAlertTriangle aria-hidden />} title={words ?? problem.title} className="fault">
      {problem.detail !== '' && (
        <Text size="sm" dir="auto">
          {problem.detail}
        </Text>
      )}
      {problem.faults.length > 0 && (
        <List size="sm">
          {problem.faults.map((fault) => (
            <List.Item key={fault} dir="auto">
              {fault}
            </List.Item>
          ))}
        </List>
      )}
      {problem.hint !== '' && (
        <Text size="sm" className="quiet" dir="auto">
          {problem.hint}
        </Text>
      )}
      {retry !== undefined && (
        <Button mt="xs" size="compact-sm" variant="default" onClick={retry}>
          {t('retry')}
        </Button>
      )}
    </Alert>
  );
}
