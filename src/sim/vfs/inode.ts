/** An inode: one file, directory, symbolic link or socket. Logs which of its parts are read and written. */
import type { Bytes, FileKind } from '../../ports/index.ts';
import { accesses, type Cell, type CellTable, RecordCells } from '../base/accesses.ts';
import { type Restore, saveMap } from '../base/snapshot.ts';
import type { StateVisitor } from '../base/state-hasher.ts';
import { DirectoryEntries } from './directory-entries.ts';

/** The parts of an inode besides its names: each is a cell. */
export const PART = {
  mode: 0,
  uid: 1,
  gid: 2,
  nlink: 3,
  atime: 4,
  mtime: 5,
  ctime: 6,
  content: 7,
  place: 8,
  socket: 9,
  /** Not of the state: written where a time is set to another one than the present. */
  timesSet: 10,
} as const;

const PART_NAMES = Object.keys(PART);

/** What listens on a socket. The filesystem never looks inside. */
export interface NamedSocket {
  /** Names it throughout a run. */
  readonly name: string;
}

/**
 * A file of any kind. A single class with the same fields for all kinds keeps every access monomorphic; unused fields keep
 * their empty value.
 */
export class Inode {
  readonly ino: number;
  readonly kind: FileKind;
  #mode: number;
  #uid: number;
  #gid: number;
  #nlink: number;
  #atimeMs: number;
  #mtimeMs: number;
  #ctimeMs: number;
  #data: Bytes = '';
  #parent: Inode = this;
  #name = '';
  #socket: NamedSocket | null = null;
  /** Open descriptions. The inode lives until this and {@link nlink} are zero. */
  opens = 0;
  /** A file's content after a power cut. Kept only by a durable volume. */
  synced: Bytes = '';
  /** A symbolic link's target. Set once. */
  target = '';
  /** A directory's entries, in order of insertion. */
  readonly entries: DirectoryEntries<Inode> = NO_ENTRIES;
  readonly #cells: RecordCells;

  constructor(ino: number, kind: FileKind, mode: number, uid: number, gid: number, nowMs: number) {
    this.ino = ino;
    this.kind = kind;
    this.#mode = mode;
    this.#uid = uid;
    this.#gid = gid;
    this.#nlink = kind === 'directory' ? 2 : 1;
    this.#atimeMs = nowMs;
    this.#mtimeMs = nowMs;
    this.#ctimeMs = nowMs;
    this.#cells = new RecordCells('inode', ino);
    if (kind === 'directory') this.entries = new DirectoryEntries(this.#cells);
  }

  /** @param part one of {@link PART} */
  cell(cells: CellTable, part: number): Cell {
    return this.#cells.of(cells, part, PART_NAMES[part]!);
  }

  /** Permission bits. */
  get mode(): number {
    this.#reads(PART.mode);
    return this.#mode;
  }

  set mode(mode: number) {
    this.#writes(PART.mode);
    this.#mode = mode;
  }

  get uid(): number {
    this.#reads(PART.uid);
    return this.#uid;
  }

  set uid(uid: number) {
    this.#writes(PART.uid);
    this.#uid = uid;
  }

  get gid(): number {
    this.#reads(PART.gid);
    return this.#gid;
  }

  set gid(gid: number) {
    this.#writes(PART.gid);
    this.#gid = gid;
  }

  /** Names in directories; a directory counts itself and its subdirectories' `..` as well. */
  get nlink(): number {
    this.#reads(PART.nlink);
    return this.#nlink;
  }

  set nlink(nlink: number) {
    this.#writes(PART.nlink);
    this.#nlink = nlink;
  }

  /** One name more or less: in whatever order several processes do that, the sum is the same. */
  countLinks(by: 1 | -1): void {
    if (accesses !== null) accesses.count(this.cell(accesses.cells, PART.nlink));
    this.#nlink += by;
  }

  get atimeMs(): number {
    this.#reads(PART.atime);
    return this.#atimeMs;
  }

  get mtimeMs(): number {
    this.#reads(PART.mtime);
    return this.#mtimeMs;
  }

  get ctimeMs(): number {
    this.#reads(PART.ctime);
    return this.#ctimeMs;
  }

  /** @param nowMs the present time */
  contentChangesAt(nowMs: number): void {
    this.#touches(PART.mtime, this.#mtimeMs !== nowMs);
    this.#mtimeMs = nowMs;
    this.changesAt(nowMs);
  }

  /** @param nowMs the present time */
  changesAt(nowMs: number): void {
    this.#touches(PART.ctime, this.#ctimeMs !== nowMs);
    this.#ctimeMs = nowMs;
  }

  setTimes(atimeMs: number, mtimeMs: number): void {
    this.#writes(PART.atime);
    this.#writes(PART.mtime);
    this.#writes(PART.timesSet);
    this.#atimeMs = atimeMs;
    this.#mtimeMs = mtimeMs;
  }

  /** A file's content. */
  get data(): Bytes {
    this.#reads(PART.content);
    return this.#data;
  }

  set data(data: Bytes) {
    this.#writes(PART.content);
    this.#data = data;
  }

  /** For the count of used bytes, which has a cell of its own. */
  get unloggedLength(): number {
    return this.#data.length;
  }

  /** A directory has exactly one name: this one in that directory. The root is its own parent. */
  get parent(): Inode {
    this.#reads(PART.place);
    return this.#parent;
  }

  set parent(parent: Inode) {
    this.#writes(PART.place);
    this.#parent = parent;
  }

  get name(): string {
    this.#reads(PART.place);
    return this.#name;
  }

  set name(name: string) {
    this.#writes(PART.place);
    this.#name = name;
  }

  get socket(): NamedSocket | null {
    this.#reads(PART.socket);
    return this.#socket;
  }

  set socket(socket: NamedSocket | null) {
    this.#writes(PART.socket);
    this.#socket = socket;
  }

  /** Neither a name nor an open description is left: only the numbers of inodes and the space on the disk depend on that. */
  get isUnused(): boolean {
    return this.#nlink <= 0 && this.opens <= 0;
  }

  /** How often it is open is for its descriptions to save. */
  save(): Restore {
    const mode = this.#mode;
    const uid = this.#uid;
    const gid = this.#gid;
    const nlink = this.#nlink;
    const atimeMs = this.#atimeMs;
    const mtimeMs = this.#mtimeMs;
    const ctimeMs = this.#ctimeMs;
    const data = this.#data;
    const { synced, target } = this;
    const parent = this.#parent;
    const name = this.#name;
    const socket = this.#socket;
    const restoreEntries = this.kind === 'directory' ? saveMap(this.entries) : null;
    return () => {
      this.#mode = mode;
      this.#uid = uid;
      this.#gid = gid;
      this.#nlink = nlink;
      this.#atimeMs = atimeMs;
      this.#mtimeMs = mtimeMs;
      this.#ctimeMs = ctimeMs;
      this.#data = data;
      this.synced = synced;
      this.target = target;
      this.#parent = parent;
      this.#name = name;
      this.#socket = socket;
      restoreEntries?.();
    };
  }

  /** All parts but the synced content, which only a durable volume has: its states are not compared. */
  visit(into: StateVisitor): void {
    const { cells } = into;
    const number = (part: number, value: number): void => {
      into.part(this.cell(cells, part));
      into.number(value);
    };
    number(PART.mode, this.#mode);
    number(PART.uid, this.#uid);
    number(PART.gid, this.#gid);
    number(PART.nlink, this.#nlink);
    number(PART.atime, this.#atimeMs);
    number(PART.mtime, this.#mtimeMs);
    number(PART.ctime, this.#ctimeMs);
    if (this.kind === 'directory') {
      number(PART.place, this.#parent.ino);
      into.text(this.#name);
      this.entries.visit(into);
      return;
    }
    into.part(this.cell(cells, PART.content));
    into.text(this.kind);
    into.text(this.kind === 'symlink' ? this.target : this.#data);
    if (this.kind !== 'socket') return;
    into.part(this.cell(cells, PART.socket));
    into.data(this.#socket?.name);
  }

  #touches(part: number, changes: boolean): void {
    if (accesses === null) return;
    const { cells } = accesses;
    accesses.touch(this.cell(cells, part), changes, this.cell(cells, PART.timesSet));
  }

  #reads(part: number): void {
    if (accesses !== null) accesses.read(this.cell(accesses.cells, part));
  }

  #writes(part: number): void {
    if (accesses !== null) accesses.write(this.cell(accesses.cells, part));
  }
}

/** Shared by all that are no directories; nothing writes to it because entries are added to directories only. */
const NO_ENTRIES = new DirectoryEntries<Inode>(new RecordCells('no inode', 0));
