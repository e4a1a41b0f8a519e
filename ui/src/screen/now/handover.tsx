import { Textarea } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, dataOf } from '../../api/client';
import { useGet } from '../../api/query';
import type { components } from '../../api/schema';
import { useSession } from '../../api/session';
import { useSitesNow } from '../../live/live';
import type { Alarm } from '../../live/store';
import { type Level, Loaded, Panel, Priority, useHold } from '../../part';
import { Power, useTime, When } from '../../value';
import { useAlarmText } from '../../words/alarm';
import { useSay } from '../../words/code';
import { openStates } from './rank';

type Machine = components['schemas']['LiveMachineRow'];
type Request = components['schemas']['Request'];

const most = 100; // lock-outs of a site on paper

/** Everything that is open when one shift goes and the next comes. */
export function HandOver() {
  const { t } = useTranslation('alarms');
  const session = useSession();
  const alarms = useGet('/v1/alarms');
  const requests = useGet('/v1/requests');
  const [notes, setNotes] = useState('');
  const [at] = useState(useTime());
  return (
    <div className="paper">
      <p className="small">{t('shift.made')} <bdi><b>{session.label}</b></bdi> {t('shift.at')} <When at={at} named /></p>
      <Panel title={t('shift.alarms')}>
        <Loaded of={alarms}>{(data) => <AlarmLines list={(data.alarms ?? []).filter((alarm) => openStates.includes(alarm.state))} />}</Loaded>
      </Panel>
      <Panel title={t('shift.aside')}>
        <Loaded of={alarms}>{(data) => <AlarmLines list={(data.alarms ?? []).filter((alarm) => alarm.state === 'shelved' || alarm.state === 'out_of_service')} />}</Loaded>
      </Panel>
      <Panel title={t('shift.requests')}>
        <Loaded of={requests}>{(data) => <RequestLines list={(data.requests ?? []).filter((request) => request.state === 'open')} />}</Loaded>
      </Panel>
      <Panel title={t('shift.locks')}><Locks /></Panel>
      <Panel title={t('shift.stops')}><Stops /></Panel>
      <Textarea label={t('shift.notes')} description={t('shift.notesHint')} value={notes} onChange={(event) => setNotes(event.currentTarget.value)} autosize minRows={3} dir="auto" />
    </div>
  );
}

const Nothing = () => <p className="nothing quiet">{useTranslation('alarms').t('shift.nothing')}</p>;

function Lines({ head, children }: { head: readonly string[]; children: ReactNode }) {
  return (
    <div className="wide">
      <table className="plain">
        <thead><tr>{head.map((word) => <th key={word}>{word}</th>)}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function AlarmLines({ list }: { list: readonly Alarm[] }) {
  const { t } = useTranslation('alarms');
  const text = useAlarmText();
  const say = useSay();
  if (list.length === 0) return <Nothing />;
  return (
    <Lines head={[t('priority'), t('history.alarm'), t('site'), t('state'), t('since'), t('reason')]}>
      {list.map((alarm) => (
        <tr key={alarm.number}>
          <td><Priority level={alarm.priority as Level} /></td>
          <td>{text(alarm.texts.title)}</td>
          <td><bdi>{alarm.site ?? t('room')}</bdi>{alarm.place && <> · <bdi>{alarm.place}</bdi></>}</td>
          <td>{say('alarmState', alarm.state)}</td>
          <td><When at={alarm.since} named /></td>
          <td>
            {alarm.shelf ? <><bdi>{alarm.shelf.by}: {alarm.shelf.reason}</bdi>{alarm.shelf.until && <> ({t('untilShort')} <When at={alarm.shelf.until} named />)</>}</> : null}
            {!alarm.shelf && alarm.seen && <bdi>{alarm.seen.by}: {alarm.seen.reason}</bdi>}
          </td>
        </tr>
      ))}
    </Lines>
  );
}

function RequestLines({ list }: { list: readonly Request[] }) {
  const { t } = useTranslation('alarms');
  const say = useSay();
  if (list.length === 0) return <Nothing />;
  return (
    <Lines head={[t('shift.says2'), t('site'), t('shift.by'), t('reason'), t('shift.until')]}>
      {list.map((request) => (
        <tr key={request.id}>
          <td>{say('verb', request.verb)} <bdi>{request.subject}</bdi></td>
          <td><bdi>{request.site ?? ''}</bdi></td>
          <td><bdi>{request.by}</bdi></td>
          <td><bdi>{request.reason}</bdi></td>
          <td><When at={request.until} named /></td>
        </tr>
      ))}
    </Lines>
  );
}

/** The machines that people hold down, of every site. What cannot be read is said, not left out. */
function Locks() {
  const { t } = useTranslation('alarms');
  const sites = [...useSitesNow().keys()].sort();
  const found = useQueries({
    queries: sites.map((site) => ({
      queryKey: ['/v1/sites/{site}/machines', 'locked', site],
      queryFn: () => dataOf(api.GET('/v1/sites/{site}/machines', { params: { path: { site }, query: { state: 'locked' as const, limit: most } } })),
    })),
  });
  useHold(found.some((one) => one.isPending));
  const rows = found.flatMap((one, i) => (one.data?.machines ?? []).map((machine) => ({ site: sites[i]!, machine })));
  const failed = sites.filter((_, i) => found[i]?.isError);
  return (
    <>
      {rows.length === 0 && failed.length === 0 && <Nothing />}
      {rows.length > 0 && (
        <Lines head={[t('shift.machine'), t('site'), t('shift.by'), t('shift.ceiling')]}>
          {rows.map(({ site, machine }) => <LockLine key={`${site} ${machine.name}`} site={site} machine={machine} />)}
        </Lines>
      )}
      {found.map((one, i) => {
        const rest = (one.data?.found ?? 0) - (one.data?.machines ?? []).length;
        return rest > 0 && <p key={sites[i]} className="small quiet">{t('shift.moreLocks', { count: rest, n: rest, site: sites[i] })}</p>;
      })}
      {failed.length > 0 && <p className="small"><b>{t('shift.unread')}</b> <bdi>{failed.join(', ')}</bdi></p>}
    </>
  );
}

function LockLine({ site, machine }: { site: string; machine: Machine }) {
  return (
    <tr>
      <td><bdi>{machine.name}</bdi> <bdi className="quiet">{machine.model}</bdi></td>
      <td><bdi>{site}</bdi></td>
      <td><bdi>{machine.locked_by}</bdi></td>
      <td><Power w={machine.ceiling_w} /></td>
    </tr>
  );
}

function Stops() {
  const { t } = useTranslation('now');
  const stopped = [...useSitesNow().values()].map((kept) => kept.value).filter((site) => site.stopped || site.shed_only);
  if (stopped.length === 0) return <Nothing />;
  return (
    <Lines head={[t('site'), t('head.state')]}>
      {stopped.map((site) => (
        <tr key={site.site}><td><bdi>{site.site}</bdi></td><td>{site.stopped ? t('stopped') : t('shedOnly')}</td></tr>
      ))}
    </Lines>
  );
}
