/** The groups of the routes, in the order in which a host needs them. */
export const TAGS = {
  Connections: 'Link a tenant with a Calendly account, and take the link away',
  Meetings: 'What was booked',
  Tokens: "Call Calendly with the tenant's own token",
  Events: 'Be told what happens',
  Diagnosis: 'What is wrong, and what happened',
  Operation: 'Commands of an operator',
  Moving: 'Bring a connection in from another system, and take it away again',
  Privacy: 'What is kept of a person, and who did what',
  Browser: 'Pages that a person is sent to',
  Calendly: 'Where Calendly delivers',
  Health: 'For whoever runs the service',
} as const;
