/** Errors for which the user is to change something. Their message is printed without a stack. */
import { GuestError } from '../guest/index.ts';
import { MutantError } from '../mutation/patch.ts';
import { ScaffoldError } from '../project/scaffold-error.ts';
import { BlobError } from '../report/blob.ts';
import { ModuleError } from '../scenario/modules.ts';
import { ScenarioError } from '../scenario/scenario.ts';
import { TokenError } from '../schedule/token.ts';

export const USAGE_ERRORS = [
  TokenError,
  ScaffoldError,
  ScenarioError,
  ModuleError,
  BlobError,
  MutantError,
  GuestError,
];
