import { testSampled } from './sampled.ts';

testSampled(12);
