export { commonOwner, type Traits } from './common-owner.ts';
export { describeEndpoint, endpointOf } from './endpoint.ts';
export * from './judgements.ts';
export * from './known-owner.ts';
export type { Endpoint, NamedProcess, Observation, SeenProcess } from './observation.ts';
export { type HarassedCommand, judgementsOf, notJudgedOf, type ToJudge } from './of-command.ts';
export { pidIn } from './pid-in.ts';
