import { testSicknesses } from './sick-while-at-work.ts';

testSicknesses('silent database', ['every connection falls silent', 'what is sent is done, and its answer is lost']);
