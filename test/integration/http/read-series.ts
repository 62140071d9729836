export interface Series {
  name: string;
  labels: Record<string, string>;
}

/** Every series that `/metrics` of a running service shows. */
export async function seriesOf(url: string): Promise<Series[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = ''] = /^(\w+)(?:\{(.*)\})? \S+$/.exec(line)!;
      return {
        name: name!,
        labels: Object.fromEntries(
          [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label!, value!]),
        ),
      };
    });
}
