export { NewObject as default } from './object';
