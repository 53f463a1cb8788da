export { explore } from './explore.ts';
export {
  DEFAULT_LEVELS_BUDGET_MS,
  type Level,
  type LevelBounds,
  type LevelsOptions,
  type LevelsReport,
  type ScenarioExtent,
} from './level-options.ts';
export { exploreLevels } from './levels.ts';
export {
  DEFAULT_MAX_HISTORIES,
  DEFAULT_MAX_STATES,
  type ExploreBounds,
  type ExploreOptions,
  type ExploreProgress,
  type ExploreReport,
} from './options.ts';
export { ScheduleTree, type TreeEnd, type TreeNode } from './tree.ts';
