import { describe, expect, test } from 'vitest';

import * as format from './format';

const said = (f: format.Figure) => `${f.text} ${f.unit}`;

describe('numbers have three or four digits that count', () => {
  test.each([
    [17_256_789, '17.26 MW'],
    [3_250, '3.25 kW'],
    [999, '999 W'],
    [0, '0 W'],
    [-2_500_000, '-2.50 MW'],
    [1_234_567_890, '1,235 MW'],
  ])('%i watts', (w, want) => {
    expect(said(format.power(w, 'en'))).toBe(want);
  });

  test('a column holds to its unit', () => {
    expect(said(format.power(3_250, 'en', 'MW'))).toBe('0.00325 MW');
  });

  test('the exact number is kept beside it', () => {
    expect(format.power(17_256_789, 'en').exact).toBe('17,256,789 W');
  });

  test.each([
    ['3600000000', '1.00 MWh'],
    ['1800000', '0.500 kWh'],
    ['0', '0 kWh'],
  ])('%s joules', (j, want) => {
    expect(said(format.energy(j, 'en'))).toBe(want);
  });

  test('joules beyond 2^53 stay exact', () => {
    expect(format.energy('9007199254740993', 'en').exact).toBe('9,007,199,254,740,993 J');
  });

  test.each([
    [950, '950 GH/s'],
    [204_000, '204 TH/s'],
    [1_700_000_000, '1.70 EH/s'],
  ])('%i gigahashes', (g, want) => {
    expect(said(format.hash(g, 'en'))).toBe(want);
  });
});

describe('money is exact', () => {
  test.each([
    ['1234567', '1.234567'],
    ['-500000', '-0.50'],
    ['-1', '-0.000001'],
    ['9007199254740993000000', '9,007,199,254,740,993.00'],
    ['12000000', '12.00'],
  ])('%s millionths', (micro, want) => {
    expect(format.exactMicro(micro, 'en')).toBe(want);
  });

  test.each([
    ['12345670000', '12,346'],
    ['999990000', '999.99'],
  ])('%s is shown short', (micro, want) => {
    expect(said(format.money(micro, 'USD', 'en'))).toBe(`${want} USD`);
  });

  test('millions are told as millions', () => {
    expect(said(format.money('-1234567890000', 'USD', 'en'))).toBe('-1.235 M USD');
  });

  test('an invoice shows all of it', () => {
    expect(format.money('1234567890000', 'USD', 'en', true).text).toBe('1,234,567.89');
  });

  test('a price names its unit', () => {
    expect(said(format.price('71250000', 'USD', 'en'))).toBe('71.25 USD/MWh');
  });
});

describe('languages', () => {
  test('Brazil has a comma', () => {
    expect(format.power(17_256_789, 'pt').text).toBe('17,26');
    expect(format.exactMicro('1234560000', 'pt')).toBe('1.234,56');
  });

  test('Arabic is written with Latin digits', () => {
    const shown = [format.power(17_256_789, 'ar').text, format.money('1234567890000', 'USD', 'ar').text, format.count(1234, 'ar')].join(' ');
    expect(shown).not.toMatch(/[\u0660-\u0669]/);
    expect(shown).toMatch(/17\.26/);
  });
});
