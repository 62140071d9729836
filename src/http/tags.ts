/** The groups of the routes, in the order in which a host needs them. */
export const TAGS = {
  Connections: 'Connect a tenant with a Calendly account, and disconnect it',
  Meetings: 'The booked meetings',
  Tokens: "Call Calendly with the tenant's own token",
  Events: 'Learn about changes',
  Diagnosis: 'Find out what is wrong, and what happened',
  Operation: 'Commands for operators',
  Moving: 'Move a connection from another system to this one, and back',
  Privacy: 'What is kept about a person, and who did what',
  Browser: 'Addresses for the browser of a person who consents',
  Calendly: 'The address for deliveries from Calendly',
  Health: 'For operators and their monitoring',
} as const;
