import { findAccount } from '../accounts.ts';
import { checkSwitches } from '../check-switches.ts';
import type { SandboxContext } from '../context.ts';
import { ControlError } from './control-error.ts';
import type { SwitchControls } from './controls.ts';
import { defaultSwitches } from '../switches.ts';

export function switchControls(context: SandboxContext): SwitchControls {
  const apply = (patch: object) => {
    const checked = checkSwitches({ ...patch });
    if (checked.autoConsent && !findAccount(context, checked.autoConsent)) {
      throw new ControlError(404, `There is no account "${checked.autoConsent}".`);
    }
    Object.assign(context.switches, structuredClone(checked));
    context.save();
    context.wakeDeliveries();
    return structuredClone(context.switches);
  };
  return {
    get: () => structuredClone(context.switches),
    set: apply,
    reset: () => apply(defaultSwitches),
  };
}
