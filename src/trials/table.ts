/** What a table of a system has: rows, their variants, and what a trial of a row measures. */
import type { Program } from '../ports/index.ts';
import type { Site } from '../real/confined/index.ts';

/** The systems that run as real processes. */
export const SYSTEMS = ['openchrome', 'claude-mem', 'mcporter', 'orchestrator', 'closedloop'] as const;
export type SystemName = (typeof SYSTEMS)[number];

/** As it was with its bugs; as its authors have fixed it; on our own protocol. */
export const VARIANTS = ['before', 'after', 'ours'] as const;
export type VariantName = (typeof VARIANTS)[number];

/** A number for each kind of end: an exit code, or the name of a signal. */
export type ExitCodes = Readonly<Record<string, number>>;

/** What one trial has measured. */
export interface Measured {
  /** The measured value, in the words of the table: `2`, or `2.1 s`. */
  readonly value: string;
  /** The bug that was seen; null: none. */
  readonly fault: string | null;
  /** The trial could not be measured, and shows nothing. */
  readonly failed?: boolean;
  /** Processes that still do what only one may do. */
  readonly survivors?: number;
  /** Starts that were turned away. */
  readonly refused?: number;
  /** Processes whose owner is gone, or whose work another one does. */
  readonly orphans?: number;
  readonly exitCodes?: ExitCodes;
  /** Other numbers; milliseconds where the name says so. */
  readonly numbers?: Readonly<Record<string, number>>;
}

/** A row for one variant. */
export interface RowVariant {
  readonly programs: Readonly<Record<string, Program>>;
  /** What the document of the system says; null: it says nothing about this. */
  readonly document: string | null;
  /** Whether a measured value is what the document says. */
  readonly agrees?: (value: string, starts: number) => boolean;
  /**
   * `fault`: in at least one of the trials something goes wrong. `none`: in no trial. `any`: it is only counted, because it
   * depends on chance, and the bug is known.
   */
  readonly expects: 'fault' | 'none' | 'any';
}

export interface Row {
  readonly name: string;
  readonly about: string;
  /** How many processes start at once, where that may be changed, as the document has it. */
  readonly starts?: number;
  /** What is there before the first process starts: texts, and `null` for a directory. */
  readonly files?: Readonly<Record<string, string | null>>;
  readonly variants: Readonly<Partial<Record<VariantName, RowVariant>>>;
  /** One trial. */
  run(site: Site, starts: number, variant: VariantName): Promise<Measured>;
}

export interface Table {
  readonly system: SystemName;
  /** The TCP ports that the programs name. */
  readonly tcpPorts: readonly number[];
  readonly rows: readonly Row[];
  /** What of the document is not measured, and why; and where a real machine differs. */
  readonly notes: readonly string[];
}
