import alarms from './en/alarms.json';
import capital from './en/capital.json';
import fleet from './en/fleet.json';
import hosting from './en/hosting.json';
import market from './en/market.json';
import money from './en/money.json';
import now from './en/now.json';
import objects from './en/objects.json';
import people from './en/people.json';
import plan from './en/plan.json';
import setup from './en/setup.json';
import shell from './en/shell.json';
import trust from './en/trust.json';

/** English is the measure: the keys are typed from it. */
const en = { shell, now, plan, market, fleet, hosting, money, capital, trust, setup, people, objects, alarms };

export default en;
