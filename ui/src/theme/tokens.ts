/**
 * The colours of the house. The ground is grey; a saturated colour says that something
 * is abnormal, and never says it alone. Contrast against panel: text at least 4.5 to 1,
 * graphics at least 3 to 1.
 */
export interface Tokens {
  ground: string;
  panel: string;
  raised: string;
  text: string;
  muted: string;
  line: string;
  faint: string;
  hosting: string;
  mining: string;
  grid: string;
  flexible: string;
  alarm1: string;
  alarm2: string;
  alarm3: string;
  alarm4: string;
  on1: string;
  on2: string;
  on3: string;
  on4: string;
}

export type Token = keyof Tokens;

export const light: Tokens = {
  ground: '#E9EBED',
  panel: '#F5F6F7',
  raised: '#FFFFFF',
  text: '#1B1E21',
  muted: '#52585F',
  line: '#7A8188',
  faint: '#CDD2D7',
  hosting: '#4A5560',
  mining: '#7B858F',
  grid: '#3A6EA5',
  flexible: '#3D7F6E',
  alarm1: '#C92A2A',
  alarm2: '#C2410C',
  alarm3: '#FCC419',
  alarm4: '#5F3DC4',
  on1: '#FFFFFF',
  on2: '#FFFFFF',
  on3: '#1B1E21',
  on4: '#FFFFFF',
};

export const dark: Tokens = {
  ground: '#1C1F22',
  panel: '#25292D',
  raised: '#2D3237',
  text: '#E8EAEC',
  muted: '#A9B0B7',
  line: '#7A8289',
  faint: '#3D4349',
  hosting: '#C3CAD1',
  mining: '#8B959F',
  grid: '#6FA3DB',
  flexible: '#6DB3A0',
  alarm1: '#FF6B6B',
  alarm2: '#FFA94D',
  alarm3: '#FFD43B',
  alarm4: '#B197FC',
  on1: '#1B1E21',
  on2: '#1B1E21',
  on3: '#1B1E21',
  on4: '#1B1E21',
};

/** The tokens as CSS variables: --c-text, --c-alarm1 and so on. */
export function variables(tokens: Tokens): Record<string, string> {
  return Object.fromEntries(Object.entries(tokens).map(([name, colour]) => [`--c-${name}`, colour]));
}
