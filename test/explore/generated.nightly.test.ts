import { testGenerated } from './generated.ts';

testGenerated({ models: 250, boundedModels: 150, mostExecutions: 1_500 });
