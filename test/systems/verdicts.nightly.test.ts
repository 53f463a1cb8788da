// Each scenario of the five systems ends as it says. In CI, `npm run selfcheck` checks all built-in scenarios.
import { CLAUDE_MEM } from '../../src/systems/claude-mem/scenarios.ts';
import { CLOSEDLOOP } from '../../src/systems/closedloop/scenarios.ts';
import { MCPORTER } from '../../src/systems/mcporter/scenarios.ts';
import { OPENCHROME } from '../../src/systems/openchrome/scenarios.ts';
import { ORCHESTRATOR } from '../../src/systems/orchestrator/scenarios.ts';
import { testVerdicts } from './verdicts.ts';

testVerdicts('claude-mem', CLAUDE_MEM, { runs: 100, remedyOfBefore: false });
testVerdicts('closedloop', CLOSEDLOOP, { runs: 150 });
testVerdicts('mcporter', MCPORTER, { runs: 100 });
testVerdicts('openchrome', OPENCHROME, { runs: 40, reachesAll: false, shrinks: true });
testVerdicts('orchestrator', ORCHESTRATOR, { runs: 150 });
