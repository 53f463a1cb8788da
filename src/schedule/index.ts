export { departureOf } from './log-departure.ts';
export type { NamedAction, NamedLog } from './named-log.ts';
export { DEFAULT_STRATEGY, findStrategy, STRATEGIES, type Strategy } from './strategies.ts';
export { ChecksumError, decodeToken, encodeToken, isOfOtherFormat, TokenError } from './token.ts';
