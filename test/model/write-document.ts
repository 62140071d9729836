import { writeFileSync } from 'node:fs';
import { connectionDocument, DOCUMENT_URL } from './document/connection-document.ts';
import { explore } from './explore.ts';

// `npm run generate:docs`: the machine's page, from the machine.
const explored = explore();
writeFileSync(DOCUMENT_URL, connectionDocument(explored));
const { all, missing } = explored.coverage.transitions;
console.log(
  `docs/connection-machine.md written: ${all.length - missing.length} of ${all.length} transitions on ${explored.paths.length} paths.`,
);
