/** The name of the strategy that takes turns with all others. */
export const DEFAULT_STRATEGY_NAME = 'portfolio';
