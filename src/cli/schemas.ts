/** The JSON schemas that the package publishes in `schemas/`, by the name of the file. */
import { z } from 'zod';
import { DOCUMENT_SHAPES } from '../report/schemas/index.ts';
import { ACCEPTED, configShape } from './config-shape.ts';

export interface SchemaOptions {
  /** Whether other fields are an error. Default: false, because later versions may add fields. */
  readonly strict?: boolean;
}

/** The schema of each `--json` document. */
export function documentSchemas({ strict = false }: SchemaOptions = {}): Record<string, object> {
  return Object.fromEntries(
    Object.entries(DOCUMENT_SHAPES).map(([command, shape]) => [
      `${command}.json`,
      titled(`one-survivor ${command} --json`, z.toJSONSchema(shape, { io: strict ? 'output' : 'input' })),
    ]),
  );
}

/** The schema of a config in JSON; a config in JavaScript may contain scenarios too. */
export function configSchema(): object {
  const schema = z.toJSONSchema(configShape, {
    io: 'input',
    unrepresentable: 'any',
    // Scenarios and reporters are checked by functions; in JSON, both are strings.
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'custom') jsonSchema.type = 'string';
    },
  });
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const [what, example] = ACCEPTED[name as keyof typeof ACCEPTED];
    if (typeof property === 'object') property.description = `Accepted: ${what}. Example: ${example}`;
  }
  return titled('one-survivor config', schema);
}

function titled(title: string, { $schema, ...rest }: z.core.JSONSchema.BaseSchema): object {
  return { $schema, title, ...rest };
}
