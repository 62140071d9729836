import type { Booking } from '../../src/sandbox/index.ts';
import type { Tenant, SoakWorld } from './world.ts';

/** What Calendly announces of one change; only once each, so the name tells them apart. */
export interface Change {
  /** `invitee.created <invitee URI>` and so on, as in a delivery. */
  key: string;
  inviteeUri: string;
  tenant: Tenant;
  /** Epoch ms. */
  at: number;
  /** The tenant was linked with this account, or meant to be: somebody waits for it. */
  isAwaited: boolean;
}

interface Guest {
  inviteeUri: string;
  eventUri: string;
  isMarked: boolean;
  wasMarked: boolean;
  /** A place in the group is left. */
  isGroup: boolean;
}

const MIX = { book: 50, group: 6, join: 10, cancel: 12, callOff: 3, reschedule: 12, noShow: 6, noShowBack: 3 } as const;
const FIRST_NAMES = ['Ada', 'Noor', 'Zoë', 'Łukasz', 'Mei 美', 'O’Brien', 'Ángel', 'Ḥasan', 'Þóra', '<b>Bo</b>'];
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland', 'Etc/UTC'];
const DAY_MS = 24 * 3_600_000;

/** Makes invitees do what invitees do. */
export class Load {
  readonly changes: Change[] = [];
  /** A removal just before the end could be missed for good; see docs/soak.md. */
  takesBackNoShows = true;
  readonly #world: SoakWorld;
  readonly #guests = new Map<string, Guest[]>();
  #count = 0;

  constructor(world: SoakWorld) {
    this.#world = world;
  }

  /** One change, at an account of the tenant or of any. Gives a booking that somebody waits for, if it was one. */
  step(tenant: Tenant = this.#world.random.of(this.#world.tenants)): { tenant: Tenant; booking: Booking } | null {
    const { random, happened } = this.#world;
    // Now and then at the account that is not linked at the moment: that must be seen when it is linked again, and not before.
    const account = random.next() < 0.9 ? tenant.wanted : random.of(tenant.accounts);
    const guests = this.#guestsOf(account);
    let what = random.weighted(MIX);
    const fitting =
      what === 'join'
        ? guests.filter(({ isGroup }) => isGroup)
        : what === 'noShowBack'
          ? guests.filter(({ isMarked }) => isMarked)
          : [];
    const active = fitting.length > 0 ? random.of(fitting) : guests.length > 0 ? random.of(guests) : null;
    if (active === null && what !== 'group') what = 'book';
    if (what === 'noShow' && active?.wasMarked) what = 'cancel';
    if (what === 'noShowBack' && (!this.takesBackNoShows || !active?.isMarked)) what = 'book';
    if (what === 'join' && !active?.isGroup) what = 'group';
    happened.add(`change:${what}`);
    const noted = (event: string, inviteeUri: string) => this.#note(tenant, account, event, inviteeUri);
    switch (what) {
      case 'book':
      case 'group':
      case 'join': {
        const booking = this.#book(account, what === 'group', what === 'join' ? active!.eventUri : null);
        noted('invitee.created', booking.inviteeUri);
        return account === tenant.wanted ? { tenant, booking } : null;
      }
      case 'cancel':
        this.#world.sandbox.controls.cancel({ invitee: active!.inviteeUri, reason: 'Cannot make it' });
        this.#forget(account, (guest) => guest === active);
        noted('invitee.canceled', active!.inviteeUri);
        return null;
      case 'callOff': {
        const all = guests.filter(({ eventUri }) => eventUri === active!.eventUri);
        this.#world.sandbox.controls.cancel({ event: active!.eventUri, by: 'host', reason: 'Called off' });
        this.#forget(account, ({ eventUri }) => eventUri === active!.eventUri);
        for (const { inviteeUri } of all) noted('invitee.canceled', inviteeUri);
        return null;
      }
      case 'reschedule': {
        const booking = this.#world.sandbox.controls.reschedule({
          invitee: active!.inviteeUri,
          startTime: this.#time(),
        });
        this.#forget(account, (guest) => guest === active);
        this.#remember(account, booking, active!.isGroup);
        noted('invitee.canceled', active!.inviteeUri);
        noted('invitee.created', booking.inviteeUri);
        return null;
      }
      case 'noShow':
        this.#world.sandbox.controls.markNoShow(active!.inviteeUri);
        Object.assign(active!, { isMarked: true, wasMarked: true });
        noted('invitee_no_show.created', active!.inviteeUri);
        return null;
      case 'noShowBack':
        this.#world.sandbox.controls.unmarkNoShow(active!.inviteeUri);
        active!.isMarked = false;
        noted('invitee_no_show.deleted', active!.inviteeUri);
        return null;
    }
  }

  #book(account: string, isGroup: boolean, group: string | null): Booking {
    const { random, sandbox } = this.#world;
    const name = `${random.of(FIRST_NAMES)} ${++this.#count}`;
    const booking = sandbox.controls.book({
      account,
      name,
      email: `guest-${this.#count}@guest.example`,
      timezone: random.of(ZONES),
      ...(group === null ? { startTime: this.#time(), durationMinutes: random.of([15, 30, 60]) } : { group }),
      ...(isGroup ? { inviteesLimit: 8, eventName: 'Workshop' } : {}),
    });
    this.#remember(account, booking, isGroup || group !== null);
    return booking;
  }

  /** From three weeks ago to two months ahead: within what a back-fill reads. */
  #time(): string {
    const { random } = this.#world;
    return new Date(
      Math.floor((Date.now() + random.whole(-21, 60) * DAY_MS) / 60_000) * 60_000 + random.whole(0, 1439) * 60_000,
    ).toISOString();
  }

  #guestsOf(account: string): Guest[] {
    const guests = this.#guests.get(account) ?? [];
    this.#guests.set(account, guests);
    return guests;
  }

  #remember(account: string, { inviteeUri, eventUri }: Booking, isGroup: boolean): void {
    this.#guestsOf(account).push({ inviteeUri, eventUri, isGroup, isMarked: false, wasMarked: false });
  }

  #forget(account: string, gone: (guest: Guest) => boolean): void {
    this.#guests.set(
      account,
      this.#guestsOf(account).filter((guest) => !gone(guest)),
    );
  }

  #note(tenant: Tenant, account: string, event: string, inviteeUri: string): void {
    this.changes.push({
      key: `${event} ${inviteeUri}`,
      inviteeUri,
      tenant,
      at: Date.now(),
      isAwaited: account === tenant.wanted && tenant.connectedAt > 0,
    });
  }
}
