import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { afterAll, afterEach, expect } from 'vitest';
import { ANSWERS_CHANNEL, type PublishedAnswer } from '../../src/sandbox/publish-answers.ts';
import { AnswerWitness } from './answer-witness.ts';

/** Every test fails that makes a sandbox in its process answer otherwise than Calendly's documents say. */
const witness = new AnswerWitness(process.env['CALENDLY_OPENAPI']!);
subscribe(ANSWERS_CHANNEL, (answer) => witness.hear(answer as PublishedAnswer));

afterEach(() => {
  expect(witness.takeProblems(), "answers that differ from Calendly's documents").toEqual([]);
});

afterAll(() => {
  appendFileSync(process.env['WITNESSES_SEEN']!, `${JSON.stringify(witness.seen())}\n`);
});
