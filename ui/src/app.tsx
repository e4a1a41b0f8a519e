import { Center, DirectionProvider, MantineProvider, useDirection } from '@mantine/core';
import { DatesProvider } from '@mantine/dates';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Switch } from 'wouter';

import { onAsked } from './api/client';
import { makeQueries } from './api/query';
import { SessionProvider, useSessionQuery, useSetSession } from './api/session';
import { LiveProvider } from './live/live';
import { Fault } from './part/fault';
import { Wait } from './part/loaded';
import { Ready } from './part/ready';
import Login from './screen/entry/login';
import { PlaceProvider } from './shell/place';
import { Shell } from './shell/shell';
import { resolver, theme } from './theme/theme';
import { directionOf, suggest } from './words/i18n';

const First = lazy(() => import('./screen/entry/first'));
const Invitation = lazy(() => import('./screen/entry/invitation'));
const MustCode = lazy(() => import('./screen/entry/must'));

/** The nonce of the answer that brought this page; the server wrote it there. */
export const nonce = (): string => document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

/** The page. */
export function App() {
  const [queries] = useState(makeQueries);
  return (
    <DirectionProvider initialDirection={directionOf(document.documentElement.lang)} detectDirection={false}>
      <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto" getStyleNonce={nonce}>
        <QueryClientProvider client={queries}>
          <Turned>
            <Notifications position="bottom-right" />
            <Who />
            <Ready />
          </Turned>
        </QueryClientProvider>
      </MantineProvider>
    </DirectionProvider>
  );
}

/** Turns everything the way the language is written. */
function Turned({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const { dir, setDirection } = useDirection();
  const want = directionOf(i18n.language);
  useEffect(() => {
    if (dir !== want) setDirection(want);
  }, [dir, want, setDirection]);
  return <DatesProvider settings={{ firstDayOfWeek: i18n.language === 'en' ? 1 : 0 }}>{children}</DatesProvider>;
}

/** Asks who is here, and shows the shell to them and the login to nobody. */
function Who() {
  const { data: session, error, refetch } = useSessionQuery();
  const set = useSetSession();
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    const nobody = () => {
      setEnded(true);
      set(null);
    };
    onAsked({ nobody });
  });
  const here = session?.person;
  useEffect(() => {
    if (here !== undefined) setEnded(false);
  }, [here]);
  const language = session?.language;
  useEffect(() => void suggest(language), [language]);
  if (session === undefined) return <Center mih="60vh">{error === null ? <Wait /> : <Fault error={error} retry={() => void refetch()} />}</Center>;
  return (
    <Suspense fallback={<Wait />}>
      <Switch>
        <Route path="/first">
          <First />
        </Route>
        <Route path="/invitation">
          <Invitation />
        </Route>
        <Route>
          {session === null ? (
            <Login ended={ended} />
          ) : (
            <SessionProvider session={session}>
              {session.must === 'enrol_code' ? (
                <MustCode />
              ) : (
                <LiveProvider>
                  <PlaceProvider>
                    <Shell />
                  </PlaceProvider>
                </LiveProvider>
              )}
            </SessionProvider>
          )}
        </Route>
      </Switch>
    </Suspense>
  );
}
