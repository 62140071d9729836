/** Does something now and then again every `ms`, one at a time; what fails is only late. Gives the way to stop, after what is under way. */
export function every(
  ms: number,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let running = Promise.resolve();
  const run = () => {
    running = running
      .then(work)
      .then(() => {})
      .catch(onError);
  };
  run();
  const timer = setInterval(run, ms);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
