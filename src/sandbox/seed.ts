import { randomBytes } from 'node:crypto';
import type { Account, Organization, Role, Stage, State } from './state.ts';
import type { Switches } from './switches.ts';

/** The people who always exist. Their ids are fixed, so that a test and a demo can name them. */
const CREATED_AT = '2025-02-03T09:15:27.418205Z';

const organizations: readonly Organization[] = [
  organization('6a1d2c84-52f7-4c0b-9a3e-1f0d7b64e201', 'Ardent Studio', 'paid', '3f7be0aa-94d1-4a8e-8c55-20f6e3d1b701'),
  organization(
    'b7c0e913-8d46-4e52-8f1a-64a2c95d7302',
    'Bridgewell Advisory',
    'paid',
    '9d24c6f1-0be3-47a5-b1f8-5c7a90e6d402',
  ),
  organization('c35fd7a0-1e98-4b6d-a27c-8be4f0136403', 'Carol Chen', 'free', 'e8b1470c-6a2d-4f93-9c0e-b35d18f7a903'),
];

const accounts: readonly Account[] = [
  account(
    'alice',
    'Alice Ardent',
    'alice@ardent.example',
    'Europe/Berlin',
    0,
    'owner',
    'a11ce001-3c5d-4f7e-8a90-b2c4d6e8f001',
  ),
  account(
    'bob',
    'Bob Bridgewell',
    'bob@bridgewell.example',
    'America/New_York',
    1,
    'owner',
    'b0b00002-4d6e-4a8f-9ba1-c3d5e7f9a002',
  ),
  account(
    'carol',
    'Carol Chen',
    'carol@chen.example',
    'Asia/Singapore',
    2,
    'owner',
    'ca401003-5e7f-4b90-8cb2-d4e6f8a0b003',
  ),
  account(
    'dave',
    'Dave Dunmore',
    'dave@ardent.example',
    'Europe/London',
    0,
    'user',
    'da7e0004-6f80-4ca1-9dc3-e5f7a9b1c004',
  ),
];

function organization(uuid: string, name: string, stage: Stage, group: string): Organization {
  return { uuid, name, stage, group, createdAt: CREATED_AT };
}

function account(
  slug: string,
  name: string,
  email: string,
  timezone: string,
  at: number,
  role: Role,
  uuid: string,
): Account {
  return {
    slug,
    uuid,
    name,
    email,
    timezone,
    organization: organizations[at]!.uuid,
    role,
    eventType: uuid.replace(/^.{8}/, 'e7e07e00'),
    membership: uuid.replace(/^.{8}/, '3e3be200'),
    availability: uuid.replace(/^.{8}/, 'a7a11a00'),
    calendar: slug === 'bob' ? 'outlook' : 'google',
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT,
  };
}

export function seedState(switches: Switches): State {
  return {
    version: 1,
    accounts: structuredClone([...accounts]),
    organizations: structuredClone([...organizations]),
    codes: [],
    tokens: [],
    subscriptions: [],
    events: [],
    invitees: [],
    deliveries: [],
    invitations: [],
    schedulingLinks: [],
    switches,
    clockOffsetMs: 0,
    tokenKey: randomBytes(32).toString('hex'),
    appSigningKey: randomBytes(32).toString('hex'),
  };
}
