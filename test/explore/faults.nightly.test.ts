import { testFaults } from './faults.ts';

testFaults({ models: 8, mostExecutions: 1_000 });
