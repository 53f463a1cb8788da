/** How the rows of a run are laid out in the width that there is. All sizes are in pixels. */

export interface Layout {
  /** `columns`: a wide column for each process; `lanes`: a narrow one, and the texts next to them. */
  readonly kind: 'columns' | 'lanes';
  /** On a narrow screen, the time and the claim are in a second line. */
  readonly twoLines: boolean;
  /** The column of the first process in the grid of a row. */
  readonly firstLane: number;
  /** All rows are as high, so that positions can be computed without measuring. */
  readonly rowHeight: number;
  readonly headHeight: number;
  readonly laneWidth: number;
  readonly nameWidth: number;
  readonly claimWidth: number;
  /** How many characters of an event fit. */
  readonly textChars: number;
  readonly claimChars: number;
  readonly nameChars: number;
}

/** The columns of the signs, the step and the time. */
export const GUTTER = 20 + 44 + 78;
const SIGN = 22;
const CHARACTER = 7.23;
/** Below this width, rows have two lines. */
const NARROW = 620;
const MOST_COLUMNS = 3;
const LEAST_COLUMN = 190;
const MOST_LANE = 20;
/** The lanes get at most this part of the width. */
const LANES_SHARE = 0.36;
const NARROW_SHARE = 0.26;
/** Padding and border of a text. */
const PADDING = 22;
/** Below this width of a lane, there is no room for names above the lanes. */
export const LEAST_NAMED_LANE = 12;

/** @param names of the processes, in the order of their columns */
export function layoutOf(width: number, names: readonly string[], hasClaim: boolean): Layout {
  const twoLines = width < NARROW;
  const claimWidth = !hasClaim || twoLines ? 0 : Math.round(Math.min(260, Math.max(130, width * 0.2)));
  const longest = Math.max(...names.map((name) => name.length), 4);
  const column = (width - GUTTER - claimWidth) / names.length;
  if (!twoLines && names.length <= MOST_COLUMNS && column >= LEAST_COLUMN) {
    return {
      ...{
        kind: 'columns',
        twoLines,
        firstLane: 4,
        rowHeight: 26,
        headHeight: 46,
        laneWidth: 0,
        nameWidth: 0,
        claimWidth,
      },
      textChars: Math.floor((column - PADDING - 8) / CHARACTER),
      claimChars: Math.floor((claimWidth - PADDING) / CHARACTER),
      nameChars: Math.floor((column - PADDING) / 8.5),
    };
  }
  const laneWidth = Math.max(
    5,
    Math.min(MOST_LANE, Math.floor((width * (twoLines ? NARROW_SHARE : LANES_SHARE)) / names.length)),
  );
  const lanes = laneWidth * names.length;
  const nameChars = Math.min(longest, twoLines ? 14 : 20);
  const nameWidth = Math.ceil(nameChars * CHARACTER) + 10;
  const gutter = twoLines ? SIGN : GUTTER;
  const text = width - gutter - lanes - nameWidth - claimWidth - PADDING;
  const named = laneWidth >= LEAST_NAMED_LANE;
  return {
    ...{ kind: 'lanes', twoLines, firstLane: twoLines ? 2 : 4, laneWidth, nameWidth, claimWidth, nameChars },
    rowHeight: twoLines ? 44 : 26,
    headHeight: named
      ? Math.min(120, Math.max(46, 14 + Math.ceil(Math.min(longest, 14) * 7.4)))
      : twoLines && !hasClaim
        ? 10
        : 46,
    textChars: Math.max(8, Math.floor(text / CHARACTER)),
    claimChars: Math.floor(((twoLines ? width - SIGN - lanes - 128 : claimWidth) - PADDING) / CHARACTER),
  };
}
