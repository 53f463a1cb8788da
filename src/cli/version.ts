export { VERSION } from '../project/version.ts';
