export { DEFAULT_STRATEGY, findStrategy, STRATEGIES, type Strategy } from './strategies.ts';
export { decodeToken, encodeToken, isOfOtherFormat, TokenError } from './token.ts';
