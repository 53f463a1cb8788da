export {
  distributionOf,
  isAsExpected,
  type RowResult,
  runTrials,
  type Trialed,
  type TrialsOptions,
  type TrialsResult,
} from './run.ts';
export {
  type Measured,
  type Row,
  SYSTEMS,
  type SystemName,
  type Table,
  VARIANTS,
  type VariantName,
} from './table.ts';
export { tableOf } from './tables.ts';
