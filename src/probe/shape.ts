/** The members of an answer and their types, without the values: a line for each, `collection[].uri: string`, sorted. */
export function shapeOf(value: unknown): string[] {
  const lines = new Set<string>();
  const walk = (at: string, item: unknown): void => {
    lines.add(`${at}: ${typeOf(item)}`);
    if (Array.isArray(item)) item.forEach((each) => walk(`${at}[]`, each));
    else if (typeof item === 'object' && item !== null) {
      for (const [name, each] of Object.entries(item)) walk(`${at}.${name}`, each);
    }
  };
  walk('$', value);
  return [...lines].sort();
}

/** Where two shapes contradict each other. Null and an empty list fit everything, because they do not say what else could be there. */
export function compareShapes(calendlys: readonly string[], sandboxs: readonly string[]): string[] {
  const [theirs, ours] = [typesByPlace(calendlys), typesByPlace(sandboxs)];
  const only = (some: Types, others: Types, where: string) =>
    [...some.keys()]
      .filter((place) => !others.has(place) && others.get(parentOf(place))?.has(typeOfParent(place)) && !isItem(place))
      .map((place) => `${place} is ${where} only`);
  const differing = [...theirs].flatMap(([place, types]) => {
    const others = ours.get(place);
    if (others === undefined || [...types, ...others].includes('null')) return [];
    return [...types].some((type) => others.has(type))
      ? []
      : [`${place} is ${[...types].join('|')} at Calendly, ${[...others].join('|')} in the sandbox`];
  });
  return [...only(theirs, ours, 'at Calendly'), ...only(ours, theirs, 'in the sandbox'), ...differing].sort();
}

type Types = Map<string, Set<string>>;

function typesByPlace(shape: readonly string[]): Types {
  const types: Types = new Map();
  for (const line of shape) {
    const at = line.lastIndexOf(': ');
    const place = line.slice(0, at);
    types.set(place, (types.get(place) ?? new Set()).add(line.slice(at + 2)));
  }
  return types;
}

const isItem = (place: string) => place.endsWith('[]');
const parentOf = (place: string) => (isItem(place) ? place.slice(0, -2) : place.slice(0, place.lastIndexOf('.')));
const typeOfParent = (place: string) => (isItem(place) ? 'array' : 'object');
const typeOf = (value: unknown) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
