/** The exit codes of a process of the protocol. Those above 63 follow sysexits.h. */
export const EXIT = {
  /** The owner was asked to stop; or a healthy owner was found and there was nothing to do. */
  done: 0,
  /** EX_UNAVAILABLE: could neither become the owner nor find one. No other process was touched. */
  blocked: 69,
  /** EX_SOFTWARE: the owner gave up by itself, so that its host starts a new one. */
  surrendered: 70,
  /** EX_IOERR: the state directory cannot be used. */
  stateUnusable: 74,
  /** EX_TEMPFAIL: another process has taken over. */
  fenced: 75,
} as const;
