/** How a process of the protocol ends. Numbers above 63 follow sysexits.h where it has a fitting one. */
export const EXIT = {
  /** The owner was asked to stop; or a healthy owner was found and there was nothing to do. */
  done: 0,
  /** EX_UNAVAILABLE: no owner could be had or found, and nobody was touched. */
  blocked: 69,
  /** EX_SOFTWARE: the owner gave up by itself, so that its host starts a fresh one. */
  surrendered: 70,
  /** EX_IOERR: the state directory cannot be used. */
  stateUnusable: 74,
  /** EX_TEMPFAIL: somebody else has taken over. */
  fenced: 75,
} as const;
