import { SingleBar } from 'cli-progress';

/** Where a person reads along; a pipe and a log get nothing. */
type Screen = NodeJS.WritableStream & { isTTY?: boolean };

export interface ProgressBar {
  /** So many of all are done. */
  show(done: number): void;
  /** Takes the bar away. */
  end(): void;
}

/** A bar with what is done, how many there are, and how long the rest takes. */
export function progressBar(screen: Screen, what: string, total: number): ProgressBar {
  if (screen.isTTY !== true || total === 0) return { show: () => {}, end: () => {} };
  const bar = new SingleBar({
    stream: screen,
    format: `{bar} {percentage} % · {value} of {total} ${what} · {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
    stopOnComplete: false,
    // Ctrl-C ends the command as it would without a bar.
    gracefulExit: false,
    fps: 4,
  });
  bar.start(total, 0);
  return {
    // A file may have more lines than were counted.
    show: (done) => {
      if (done > bar.getTotal()) bar.setTotal(done);
      bar.update(done);
    },
    end: () => bar.stop(),
  };
}
