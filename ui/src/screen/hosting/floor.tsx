import { Select, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useGet } from '../../api/query';
import { Loaded } from '../../part';
import { Gauge, Plain } from '../../part/plain';
import { Count, Power, When } from '../../value';
import { count } from '../../value/format';
import { useSay } from '../../words/code';
import { type Rack, type Seat, seatedBy, type Server, sumOf } from './racks';

/** So many servers are shown without being asked for; of more the racks alone. */
const openMost = 40;

/** The racks of a hall: what each draws, what holds it down, and who sits there. */
export function Floor({ hall }: { hall: string }) {
  const { t } = useTranslation('hosting');
  const [contract, setContract] = useState<string | null>(null);
  const page = useGet('/v1/halls/{hall}/racks', { params: { path: { hall } } }, { refetchInterval: 10_000, keep: true });
  return (
    <Loaded of={page}>
      {({ known, floor }) => {
        const racks = floor.racks ?? [];
        const servers = racks.reduce((n, r) => n + (r.servers ?? []).length, 0);
        if (!known || servers === 0) return <Text size="sm" className="quiet">{t(known ? 'serversNone' : 'racks.mute')}</Text>;
        const who = [...new Set(racks.flatMap((r) => sumOf(r).who))].sort();
        return (
          <>
            <div className="ho-line" style={{ alignItems: 'flex-end' }}>
              <Select size="xs" label={t('racks.who')} value={contract} onChange={setContract} data={who} clearable placeholder={t('queue.all')} w={190} />
              {!floor.fresh && <span className="ho-mark" data-bad><IconAlertTriangle size={16} aria-hidden />{t('racks.old')} <When at={floor.at} named /></span>}
            </div>
            {seatedBy(racks, contract).map((r) => <OneRack key={r.name ?? ''} rack={r} open={servers <= openMost || contract !== null} />)}
          </>
        );
      }}
    </Loaded>
  );
}

function OneRack({ rack, open }: { rack: Rack; open: boolean }) {
  const { t, i18n } = useTranslation('hosting');
  const sum = sumOf(rack);
  const n = (value: number) => count(value, i18n.language);
  return (
    <details className="ho-rack" open={open}>
      <summary>
        <b>{rack.name === undefined ? t('racks.none') : <bdi dir="ltr">{rack.name}</bdi>}</b>
        <span>{t('racks.meter')} <Power w={rack.power_w} unit="kW" /></span>
        <span className="quiet">{t('racks.sensors')} <Power w={rack.draw_w} unit="kW" /></span>
        <span className="ho-rack-bar"><Gauge label={t('racks.label', { busy: n(sum.busy), gpus: n(sum.gpus) })} most={sum.gpus} parts={[{ of: sum.busy, tone: 'half' }]} /></span>
        <span><Count n={sum.busy} /> / <Count n={sum.gpus} unit="GPU" /></span>
        {sum.capped > 0 && <span>{t('racks.capped')} <Count n={sum.capped} /></span>}
      </summary>
      <Plain label={`${t('servers')} ${rack.name ?? ''}`}>
        <thead>
          <tr>
            <th scope="col">{t('racks.server')}</th><th scope="col">{t('racks.state')}</th><th scope="col" data-end>{t('col.gpus')}</th><th scope="col" data-end>{t('caps.draw')}</th>
            <th scope="col" data-end>{t('caps.limit')}</th><th scope="col">{t('racks.sits')}</th>
          </tr>
        </thead>
        <tbody>{(rack.servers ?? []).map((s) => <Row key={s.name} s={s} />)}</tbody>
      </Plain>
    </details>
  );
}

function Row({ s }: { s: Server }) {
  const { t } = useTranslation('hosting');
  const say = useSay();
  const bad = s.state === 'down';
  return (
    <tr>
      <th scope="row"><bdi dir="ltr" className="num">{s.name}</bdi>{s.model && <Text size="xs" className="quiet"><bdi>{s.model}</bdi></Text>}</th>
      <td>
        <span className="ho-mark" data-bad={bad ? '' : undefined}>{bad && <IconAlertTriangle size={16} aria-hidden />}{say('node', s.state)}</span>
        {s.event && <Text size="xs">{t('racks.event')} <bdi dir="ltr">{s.event}</bdi></Text>}
        {s.why && <Text size="xs" className="quiet"><bdi dir="auto">{s.why}</bdi></Text>}
      </td>
      <td data-end data-one><Count n={s.gpus_busy} /> <span className="quiet">/</span> <Count n={s.gpus} /></td>
      <td data-end><Power w={s.draw_w} unit="kW" /></td>
      <td data-end>{s.limit_w === undefined ? <span className="quiet">{t('caps.free')}</span> : <><Power w={s.limit_w} unit="W" /><Text size="xs" className="quiet">{t('racks.capped')} <Count n={s.gpus_capped} /></Text></>}</td>
      <td>{(s.seats ?? []).length === 0 ? <span className="quiet">{t('racks.free')}</span> : (s.seats ?? []).map((x) => <Sits key={x.job} x={x} />)}</td>
    </tr>
  );
}

function Sits({ x }: { x: Seat }) {
  const { t } = useTranslation('hosting');
  return (
    <div>
      <bdi>{x.contract ?? x.tenant}</bdi> <bdi dir="ltr" className="quiet num">{x.job}</bdi> <span className="quiet"><Count n={x.gpus} unit="GPU" />{x.servers > 1 && <> · {t('servers')} <Count n={x.servers} /></>}</span>
    </div>
  );
}
