export { Fault, problemWords } from './fault';
export { Loaded, Wait } from './loaded';
export { Page, Panel } from './page';
export { type Level, Priority } from './priority';
export { useHold } from './ready';
export { type Column, type Sort, Table } from './table';
export { told, toldAsked, toldFault } from './told';
export { type Marks, Windowed } from './windowed';
