import { notifications } from '@mantine/notifications';

import { asProblem } from '../api/problem';
import { wordOf } from '../words/i18n';
import { problemWords } from './fault';

/** Says in a corner that something was done. */
export const told = (message: string): void => {
  notifications.show({ message, color: 'graphite', withBorder: true, closeButtonProps: { 'aria-label': wordOf('shell:close') } });
};

/** Says in a corner that somebody else has to approve what was asked for: the server answered 202 with a request. */
export const toldAsked = (): void => told(wordOf('shell:asked'));

/** Says in a corner why something was not done; for what has no place of its own for it. */
export const toldFault = (error: unknown): void => {
  const problem = asProblem(error);
  const words = problemWords(problem);
  notifications.show({
    title: words ?? problem.title,
    message: [problem.detail, problem.hint].filter(Boolean).join(' '),
    autoClose: false,
    withBorder: true,
    role: 'alert',
    closeButtonProps: { 'aria-label': wordOf('shell:close') },
  });
};
