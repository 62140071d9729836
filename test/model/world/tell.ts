import { answersIn, commandsTo, timersDue } from './happenings.ts';
import { happen, startModelWorld, type ModelWorld } from './world.ts';

/** The world after a story: `connect → consent granted → token issued`. Throws at a word that cannot happen there. */
export function tell(story: string): ModelWorld {
  let world = startModelWorld();
  for (const word of story.split(' → ').filter(Boolean)) {
    const possible = [...answersIn(world), ...commandsTo(world), ...timersDue(world)];
    const happening = possible.find(({ says }) => says === word);
    if (happening === undefined)
      throw new Error(`"${word}" cannot happen in "${story}"; there: ${possible.map(({ says }) => says).join(', ')}`);
    world = happen(world, happening).world;
  }
  return world;
}
