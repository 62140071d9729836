import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  text: string;
  name: string;
  matches(labels: Record<string, string>): boolean;
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/** What an expression of PromQL selects: the names of its metrics and the conditions on their labels. Throws where it is none. */
export function selectorsOf(expr: string): Selector[] {
  return nodesOf(expr, 'VectorSelector').map((node) => {
    const text = (each: Node) => expr.slice(each.from, each.to);
    const conditions = below(node, 'UnquotedLabelMatcher').map((matcher) => ({
      label: text(matcher.getChild('LabelName')!),
      operator: text(matcher.getChild('MatchOp')!),
      value: JSON.parse(text(matcher.getChild('StringLiteral')!)) as string,
    }));
    return {
      text: text(node),
      name: text(node.getChild('Identifier')!),
      matches: (labels) => conditions.every((condition) => isMet(condition, labels[condition.label])),
    };
  });
}

/** The labels that an expression groups by. */
export function keptLabelsOf(expr: string): string[] {
  return nodesOf(expr, 'GroupingLabels').flatMap((node) =>
    below(node, 'LabelName').map((label) => expr.slice(label.from, label.to)),
  );
}

function isMet({ operator, value }: { operator: string; value: string }, found: string | undefined): boolean {
  if (found === undefined) return false;
  const isLike = operator.includes('~') ? new RegExp(`^(?:${value})$`).test(found) : found === value;
  return operator.startsWith('!') ? !isLike : isLike;
}

function nodesOf(expr: string, name: string): Node[] {
  const { topNode } = parser.parse(expr);
  if (below(topNode, '⚠').length > 0) throw new Error(`No PromQL: ${expr}`);
  return below(topNode, name);
}

function below(node: Node, name: string): Node[] {
  const found: Node[] = [];
  node.cursor().iterate(({ node: each }) => {
    if (each.name === name) found.push(each);
  });
  return found;
}
