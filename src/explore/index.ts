export {
  DEFAULT_MAX_STATES,
  type ExploreOptions,
  type ExploreProgress,
  type ExploreReport,
  explore,
} from './explore.ts';
export { ScheduleTree, type TreeEnd, type TreeNode } from './tree.ts';
