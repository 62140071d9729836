/** What a parser makes of one setting: its value, or what is wrong with it, said without repeating it. */
export type Parsed<T> = Readonly<{ value: T }> | Readonly<{ problem: string }>;

export function splitList(text: string): string[] {
  return [
    ...new Set(
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
  ];
}
