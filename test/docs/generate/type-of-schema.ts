export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  [other: string]: unknown;
}

/** What narrows a value without changing its type, or says something about it. */
const WITHOUT_A_TYPE = ['description', 'default', 'format', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties']; // prettier-ignore
const READ = ['$ref', 'type', 'enum', 'anyOf', 'items', 'properties', 'required', 'additionalProperties'];
const PLAIN: Record<string, string> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** The TypeScript type of a schema; throws for a keyword that it does not know. */
export function typeOf(schema: Schema): string {
  const unknown = Object.keys(schema).filter((key) => !READ.includes(key) && !WITHOUT_A_TYPE.includes(key));
  if (unknown.length > 0) throw new Error(`No type is known for ${unknown.join(', ')} in ${JSON.stringify(schema)}`);
  if (schema.$ref !== undefined) return schema.$ref.replace('#/components/schemas/', '');
  if (schema.enum !== undefined) return union(schema.enum.map(literal));
  if (schema.anyOf !== undefined) return union(schema.anyOf.map(typeOf));
  return union([schema.type ?? []].flat().map((type) => typeNamed(type, schema)));
}

function typeNamed(type: string, schema: Schema): string {
  if (type === 'array') return `${bracketed(typeOf(schema.items ?? {}))}[]`;
  if (type === 'object') return typeOfObject(schema);
  const plain = PLAIN[type];
  if (plain === undefined) throw new Error(`No type is known for ${type}`);
  return plain;
}

const typeOfObject = (schema: Schema): string => `{ ${fieldsOf(schema).join('; ')} }`;

/** The fields of an object, a declaration each. */
export function fieldsOf({ properties = {}, required = [], additionalProperties }: Schema): string[] {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  );
  const others =
    additionalProperties === undefined || additionalProperties === false
      ? []
      : [`[other: string]: ${additionalProperties === true ? 'unknown' : typeOf(additionalProperties)}`];
  return [...fields, ...others];
}

const union = (types: string[]): string => (types.length === 0 ? 'unknown' : [...new Set(types)].join(' | '));
const bracketed = (type: string): string => (type.includes(' | ') ? `(${type})` : type);
const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : String(value);
