export { explore } from './explore.ts';
export {
  DEFAULT_MAX_HISTORIES,
  DEFAULT_MAX_STATES,
  type ExploreOptions,
  type ExploreProgress,
  type ExploreReport,
} from './options.ts';
export { ScheduleTree, type TreeEnd, type TreeNode } from './tree.ts';
