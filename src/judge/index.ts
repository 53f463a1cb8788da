export { describeEndpoint, endpointOf } from './endpoint.ts';
export * from './judgements.ts';
export * from './known-owner.ts';
export type { Endpoint, NamedProcess, Observation, SeenProcess } from './observation.ts';
export { pidIn } from './pid-in.ts';
